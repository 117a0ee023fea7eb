// Draws bench/charts/*.svg from results. `tsx bench/charts.ts` draws those of the newest file in bench/results again.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type EChartsOption, init, type TitleComponentOption } from "echarts";
import type { Row } from "./support/result.ts";
import { loadResults, type Results } from "./support/results.ts";

const folder = new URL("./charts/", import.meta.url);

// The background stays transparent; each colour has a contrast of 3 or more on white and on GitHub's black alike.
const TEXT = "#6e7781";
const LINE = "#8b949e";
const OURS = "#2f81f7";
const PEER = "#8b949e";
const FORGED = "#d1640a";
const LINES = ["#2f81f7", "#2da44e", "#d1640a", "#a371f7", "#db61a2"];

const WIDTH = 860;
const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";

function svgOf(option: EChartsOption, height: number): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  chart.setOption({ animation: false, textStyle: { fontFamily: FONT, color: TEXT }, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function titleOf(text: string, { machine, date }: Results): TitleComponentOption {
  return {
    text,
    subtext: `${machine.processor}, ${machine.cores} cores, Node ${machine.node}, one thread, medians, ${date}`,
    left: 8,
    top: 4,
    textStyle: { color: TEXT, fontSize: 16, fontFamily: FONT },
    subtextStyle: { color: TEXT, fontSize: 12, fontFamily: FONT },
  };
}

const axis = {
  axisLine: { show: true, lineStyle: { color: LINE } },
  axisLabel: { color: TEXT, fontSize: 12 },
  nameTextStyle: { color: TEXT, fontSize: 12 },
  splitLine: { lineStyle: { color: LINE, opacity: 0.3 } },
};

interface Bar {
  readonly label: string;
  /** `undefined` for a heading. */
  readonly value?: number;
  readonly color?: string;
  readonly text?: string;
}

/** Horizontal bars under headings, from the top down. */
function barChart(title: string, unit: string, bars: readonly Bar[], results: Results): string {
  const TOP = 58;
  const height = TOP + bars.length * 24 + 54;
  const option: EChartsOption = {
    title: titleOf(title, results),
    grid: { left: 215, right: 150, top: TOP, bottom: 54 },
    xAxis: { ...axis, type: "value", name: unit, nameLocation: "middle", nameGap: 30 },
    yAxis: {
      ...axis,
      type: "category",
      inverse: true,
      data: bars.map(({ label }) => label),
      axisTick: { show: false },
      axisLabel: {
        ...axis.axisLabel,
        interval: 0,
        formatter: (label: string, index: number) => (bars[index]?.value === undefined ? `{heading|${label}}` : label),
        rich: { heading: { color: TEXT, fontWeight: "bold", fontSize: 13 } },
      },
    },
    series: [
      {
        type: "bar",
        barWidth: 15,
        data: bars.map(({ value, color = PEER }) => ({ value: value ?? "-", itemStyle: { color } })),
        label: {
          show: true,
          position: "right",
          color: TEXT,
          fontSize: 12,
          formatter: ({ dataIndex }) => bars[dataIndex]?.text ?? "",
        },
      },
    ],
  };
  return svgOf(option, height);
}

/** Rows of one key share our value; each has another peer. */
function rowsOf({ rows }: Results, key: string): readonly Row[] {
  return rows.filter((row) => row.key === key);
}

const slower = (ratio: number): string =>
  ratio >= 1 ? `${ratio.toFixed(1)}× slower` : `${(1 / ratio).toFixed(1)}× faster`;

function throughput(results: Results): string | undefined {
  const works = [
    { key: "snapnet/many", scheme: "SnapNet" },
    { key: "centrifugo/many", scheme: "Centrifugo" },
    { key: "tirtc/many", scheme: "TiRTC, 32 devices" },
    { key: "cute/xchacha/many", scheme: "Cute xchacha20poly1305" },
  ];
  const bar = (label: string, microseconds: number, color: string, ratio?: number): Bar => ({
    label,
    value: 1e6 / microseconds,
    color,
    text: `${(1 / microseconds).toFixed(2)} M/s${ratio === undefined ? "" : `, ${slower(ratio)}`}`,
  });
  const bars = works.flatMap(({ key, scheme }): Bar[] => {
    const rows = rowsOf(results, key);
    const [first] = rows;
    if (!first) return [];
    const peers = rows.flatMap(({ peer, ratio }) =>
      peer ? [bar(peer.name, peer.value.median, PEER, ratio?.median)] : [],
    );
    return [{ label: scheme }, bar("connect-tokens", first.ours.median, OURS), ...peers];
  });
  if (bars.length === 0) return undefined;
  return barChart("Tokens verified per second", "tokens per second", bars, results);
}

function growth(results: Results): string | undefined {
  if (results.series.length === 0) return undefined;
  const option: EChartsOption = {
    title: titleOf("Time per token against batch size", results),
    legend: { top: 52, left: 60, itemGap: 36, textStyle: { color: TEXT, fontSize: 12 }, icon: "circle" },
    grid: { left: 70, right: 50, top: 92, bottom: 54 },
    xAxis: {
      ...axis,
      type: "log",
      name: "tokens per call of verifyMany",
      nameLocation: "middle",
      nameGap: 30,
      min: 10,
      axisLabel: { ...axis.axisLabel, formatter: (value: number) => value.toLocaleString("en") },
    },
    yAxis: { ...axis, type: "log", name: "µs per token", nameLocation: "middle", nameGap: 46 },
    series: results.series.map(({ name, points }, i) => ({
      type: "line",
      name,
      symbolSize: 7,
      data: points.map(({ x, y }) => [x, y.median]),
      itemStyle: { color: LINES[i % LINES.length] as string },
      lineStyle: { color: LINES[i % LINES.length] as string, width: 2 },
    })),
  };
  return svgOf(option, 420);
}

function forged(results: Results): string | undefined {
  const bar = (key: string, label: string, color: string): Bar[] => {
    const [row] = rowsOf(results, key);
    if (!row) return [];
    const { median } = row.ours;
    return [{ label, value: median, color, text: `${median.toFixed(2)} µs` }];
  };
  const hydrogen = [...bar("cute/hydrogen/many", "genuine", OURS), ...bar("cute/hydrogen/forged", "forged", FORGED)];
  const xchacha = [...bar("cute/xchacha/many", "genuine", OURS), ...bar("cute/xchacha/forged", "forged", FORGED)];
  if (hydrogen.length + xchacha.length === 0) return undefined;
  const [scale] = rowsOf(results, "cute/hydrogen/many");
  const agreement: Bar[] = scale?.peer
    ? [
        { label: "For scale" },
        { label: scale.peer.name, value: scale.peer.value.median, text: `${scale.peer.value.median.toFixed(2)} µs` },
      ]
    : [];
  const bars = [{ label: "Cute hydrogen" }, ...hydrogen, { label: "Cute xchacha20poly1305" }, ...xchacha, ...agreement];
  return barChart("What a packet costs the server: genuine and forged", "µs per packet", bars, results);
}

/** Draws what the results have figures for; returns the names of the files. */
export function writeCharts(results: Results): string[] {
  mkdirSync(folder, { recursive: true });
  const drawn = { "throughput.svg": throughput(results), "growth.svg": growth(results), "forged.svg": forged(results) };
  return Object.entries(drawn).flatMap(([name, svg]) => {
    if (svg === undefined) return [];
    writeFileSync(new URL(name, folder), svg.endsWith("\n") ? svg : `${svg}\n`);
    return [name];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of writeCharts(loadResults(process.argv[2]))) console.log(`Drawn: bench/charts/${name}`);
}
