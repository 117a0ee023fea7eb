import { CuteClient } from "../../src/cute/client.ts";
import { CuteTokens, generateSigningKeyPair } from "../../src/cute/index.ts";
import { type Address, CuteServer, type CuteServerEvent, type CuteServerOptions } from "../../src/cute/server.ts";
import { Random } from "./random.ts";

export const APPLICATION = 42n;
export const START = 1_800_000_000;
export const SERVER: Address = { address: "203.0.113.7", port: 5000 };
export const { secretKey: SECRET } = generateSigningKeyPair(new Uint8Array(32).fill(7));
const issuer = new CuteTokens({ applicationId: APPLICATION, secret: SECRET });
const random = new Random(1234);

export interface TokenFields {
  readonly clientId?: bigint;
  readonly lifetime?: number;
  readonly handshakeTimeout?: number;
  readonly endpoints?: readonly string[];
  readonly now?: number;
}

/** A token of 1114 bytes for the server of these tests. */
export function tokenFor({
  clientId = 1n,
  lifetime = 30,
  handshakeTimeout = 5,
  endpoints,
  now = START,
}: TokenFields = {}) {
  const fields = {
    clientId,
    handshakeTimeout,
    expirationTimestamp: now + lifetime,
    endpoints: endpoints ?? [`${SERVER.address}:${SERVER.port}`],
    clientToServerKey: random.bytes(32),
    serverToClientKey: random.bytes(32),
  };
  return issuer.issue(fields, { now });
}

export const addressOf = (i: number): Address => ({
  address: `198.51.${(i >> 8) & 255}.${i & 255}`,
  port: 40_000 + (i >> 16),
});

export function serverWith(options: Partial<CuteServerOptions> = {}): CuteServer {
  const defaults = { applicationId: APPLICATION, secret: SECRET, startedAt: 0 };
  return new CuteServer({
    ...defaults,
    serverEndpoint: SERVER,
    ...(options.history === undefined ? { maxLifetime: 60 } : {}),
    ...options,
  });
}

export const clientWith = () => new CuteClient({ applicationId: APPLICATION });

/** What became of a datagram on its way: delays in seconds, one per copy. */
export type Route = () => readonly number[];
export const PERFECT: Route = () => [0];

/** Drops 30 %, doubles 10 %, reorders by up to 80 ms. */
export function lossy(seed: number): Route {
  const network = new Random(seed);
  const delay = (): number => network.below(81) / 1000;
  return () => {
    if (network.below(10) < 3) return [];
    return network.below(10) < 1 ? [delay(), delay()] : [delay()];
  };
}

interface Flying {
  readonly at: number;
  readonly data: Uint8Array;
  /** A client's number, or -1 for the server. */
  readonly to: number;
  readonly from: number;
}

/** One server and its clients on a simulated network, 60 ticks a second. */
export class World {
  readonly server: CuteServer;
  readonly clients: CuteClient[] = [];
  readonly events: CuteServerEvent[] = [];
  readonly route: Route;
  /** Bytes that went each way, by the client's number. */
  readonly fromServer: number[] = [];
  readonly toServer: number[] = [];
  /** Sees every datagram that is sent; may change it. */
  onSend: (data: Uint8Array, from: number, to: number) => Uint8Array | undefined = (data) => data;
  time = 0;
  #flying: Flying[] = [];
  readonly #byAddress = new Map<string, number>();

  constructor(options: Partial<CuteServerOptions> = {}, route: Route = PERFECT) {
    this.server = serverWith(options);
    this.route = route;
  }

  get moment(): { now: number; time: number } {
    return { now: START + Math.floor(this.time), time: this.time };
  }

  add(token: Uint8Array = tokenFor({ clientId: BigInt(this.clients.length + 1) })): CuteClient {
    const client = clientWith();
    this.#byAddress.set(addressOf(this.clients.length).address, this.clients.length);
    this.clients.push(client);
    client.connect(token, this.moment);
    return client;
  }

  tick(dt: number = 1 / 60): void {
    this.time += dt;
    const due = this.#flying.filter(({ at }) => at <= this.time).sort((a, b) => a.at - b.at);
    this.#flying = this.#flying.filter(({ at }) => at > this.time);
    const { moment } = this;
    const arrivals = due.filter(({ to }) => to < 0);
    this.server.receiveMany(
      arrivals.map(({ data, from }) => ({ datagram: data, from: addressOf(from) })),
      moment,
    );
    for (const { data, to } of due) if (to >= 0) this.clients[to]?.receive(data, SERVER, moment);
    this.clients.forEach((client, i) => {
      client.update(moment);
      for (const { data } of client.datagrams()) this.#send(data, i, -1);
    });
    this.server.update(moment);
    this.collect();
  }

  /** Takes what the server has to send and tell. */
  collect(): void {
    for (const { data, to } of this.server.datagrams()) {
      this.#send(data, -1, this.#byAddress.get(to.address) ?? Number.MAX_SAFE_INTEGER);
    }
    this.events.push(...this.server.events());
  }

  /** Ticks until `done`, at most so many seconds. */
  until(done: () => boolean, seconds = 10): boolean {
    for (let i = 0; i < seconds * 60 && !done(); i++) this.tick();
    return done();
  }

  run(seconds: number): void {
    for (let i = 0; i < Math.round(seconds * 60); i++) this.tick();
  }

  #send(sent: Uint8Array, from: number, to: number): void {
    const data = this.onSend(sent, from, to);
    if (data === undefined) return;
    const [counts, who] = from < 0 ? [this.fromServer, to] : [this.toServer, from];
    counts[who] = (counts[who] ?? 0) + data.length;
    for (const delay of this.route()) this.#flying.push({ at: this.time + delay, data, from, to });
  }
}
