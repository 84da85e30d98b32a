import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './pack';
import type { Run, RunItem } from './run';
import type { WorkflowJson } from './workflow-json';

/** What a workflow that did its work is reported with. */
export interface Outcome {
  items: number;
  /** A short sentence for a person. */
  summary: string;
}

export interface Example {
  /** Its file in `examples/`. */
  file: string;
  /** For each ID of a simulated model or chain in it, the variable that names a real one. */
  ids: Record<string, string>;
  /** Throws, saying what is wrong, when the run didn't give what it should. */
  check(run: Run, simulated: boolean): Outcome | Promise<Outcome>;
}

/** Every workflow of `examples/`, with what it must give. The demo and the server tests use the same list. */
export const EXAMPLES: Example[] = [
  {
    file: 'classify-reviews.json',
    ids: { sentim01: 'BASETEN_MODEL_SENTIMENT' },
    check(run, simulated) {
      const reviews = run.items('Reviews');
      const items = run.lastItems;
      expect(items.length === 24, `24 items were expected, ${items.length} came`);
      expect(
        items.every((item, index) => item.json.review === reviews[index]?.json.review),
        'the answers are not in the order of the reviews',
      );
      if (!simulated) return { items: items.length, summary: `${items.length} reviews answered, in order` };
      const labels = count(items, 'label');
      const known = ['positive', 'negative', 'neutral'];
      expect(
        Object.keys(labels).every((label) => known.includes(label)),
        `labels were ${list(labels)}`,
      );
      expect(Boolean(labels.positive && labels.negative), `labels were only ${list(labels)}`);
      return { items: items.length, summary: `${items.length} reviews: ${list(labels)}` };
    },
  },
  {
    file: 'generate-image.json',
    ids: { imagen01: 'BASETEN_MODEL_IMAGE' },
    async check(run, simulated) {
      const [item] = run.lastItems;
      expect(item !== undefined, 'no item came');
      const [property, file] = Object.entries(item.binary ?? {})[0] ?? [];
      expect(property !== undefined && file !== undefined, 'the item has no file');
      const bytes = await run.file(item, property);
      const size = pngSize(bytes);
      if (simulated) expect(size !== undefined, `the file is no PNG but ${file.mimeType}`);
      const what = size ? `a PNG of ${size.width} × ${size.height}` : file.mimeType;
      return {
        items: 1,
        summary: `${what}, ${Math.ceil(bytes.length / 1024)} KiB, in the file "${property}"`,
      };
    },
  },
  {
    file: 'submit-and-poll.json',
    ids: { transc01: 'BASETEN_MODEL_TRANSCRIBER' },
    check(run) {
      const [item] = run.lastItems;
      const status = String(item?.json.status);
      expect(status === 'SUCCEEDED', `the request ended as ${status}`);
      const asked = Math.max(...run.nodeNames.map((name) => run.timesRun(name)));
      const request = `${String(item?.json.request_id).slice(0, 8)}…`;
      return { items: 1, summary: `request ${request} ${status} after ${plural(asked, 'look')}` };
    },
  },
  {
    file: 'wake-then-predict.json',
    ids: { sleepy01: 'BASETEN_MODEL_SLEEPER' },
    check(run, simulated) {
      const [item] = run.lastItems;
      expect(item !== undefined, 'no item came');
      if (simulated) expect(item.json.awake === true, `the answer was ${brief(item)}`);
      const wake = run.nodeNames.find((name) => /wake/i.test(name)) ?? '';
      const ready = seconds(run.nodeMs(wake));
      return { items: 1, summary: `ready ${ready} after waking, then answered: ${brief(item)}` };
    },
  },
  {
    file: 'call-chain.json',
    ids: { sumscor1: 'BASETEN_CHAIN' },
    check(run, simulated) {
      const [item] = run.lastItems;
      expect(item !== undefined && Object.keys(item.json).length > 0, 'the chain gave nothing');
      if (!simulated) return { items: run.lastItems.length, summary: `the chain answered: ${brief(item)}` };
      const { summary, sentiment } = item.json as { summary?: string; sentiment?: { label?: string } };
      expect(summary?.includes('lighthouse') === true, `the summary was "${summary}"`);
      expect(sentiment?.label === 'positive', `the sentiment was ${sentiment?.label}`);
      return { items: run.lastItems.length, summary: `summary "${summary}", sentiment ${sentiment.label}` };
    },
  },
];

/** Reads an example's workflow, with real IDs in the place of simulated ones. */
export function readExample({ file }: Pick<Example, 'file'>, ids: Record<string, string> = {}): WorkflowJson {
  const text = readFileSync(join(PROJECT, 'examples', file), 'utf8');
  return JSON.parse(text, (_key, value) => (typeof value === 'string' ? (ids[value] ?? value) : value));
}

function expect(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

function count(items: RunItem[], key: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { json } of items) counts[String(json[key])] = (counts[String(json[key])] ?? 0) + 1;
  return counts;
}

function list(counts: Record<string, number>): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return entries.map(([name, times]) => `${times} ${name}`).join(', ');
}

function brief({ json }: RunItem): string {
  const text = JSON.stringify(json);
  return text.length > 90 ? `${text.slice(0, 90)}…` : text;
}

function plural(times: number, noun: string): string {
  return `${times} ${noun}${times === 1 ? '' : 's'}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** A PNG begins with its signature and its size. */
function pngSize(bytes: Buffer): { width: number; height: number } | undefined {
  if (bytes.length < 24 || bytes.toString('latin1', 1, 4) !== 'PNG') return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}
