import { Presets, SingleBar } from 'cli-progress';
import type { OnProgress, Progress } from './types';

const LINE_EVERY_MS = 15_000;

/** Shows what the install is doing. */
export interface ProgressView {
  show: OnProgress;
  /** Takes it off the screen. */
  stop(): void;
}

/**
 * A bar on a terminal. Elsewhere (a log, a CI page) a line when the step changes, and every 15
 * seconds.
 */
export function progressView(out: NodeJS.WriteStream = process.stdout): ProgressView {
  return out.isTTY ? bar(out) : progressLines(out);
}

function bar(out: NodeJS.WriteStream): ProgressView {
  const format = '  {bar} {value}/{total} · {text} · {duration_formatted}';
  const single = new SingleBar(
    { format, stream: out, hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  );
  let total = 0;
  return {
    show(progress) {
      total = progress.total ?? total;
      if (!single.isActive) single.start(Math.max(total, 1), 0, { text: progress.text });
      single.setTotal(Math.max(total, 1));
      // Steps that can't be counted come before the packages (nothing is done) or after them (all
      // is done).
      single.update(progress.done ?? total, { text: progress.text });
    },
    stop: () => single.stop(),
  };
}

/** Prints lines, even on a terminal, for an output that other code writes to as well. */
export function progressLines(out: NodeJS.WriteStream = process.stdout): ProgressView {
  const started = Date.now();
  let last: { text: string; at: number } = { text: '', at: 0 };
  const write = (progress: Progress) => {
    const seconds = Math.round((Date.now() - started) / 1000);
    const count = progress.total === undefined ? '' : ` ${progress.done} of ${progress.total}`;
    out.write(`  ${progress.text}${count} (${seconds} s)\n`);
    last = { text: progress.text, at: Date.now() };
  };
  let current: Progress | undefined;
  // A step that reports nothing shows every 15 seconds that it still runs.
  const timer = setInterval(
    () => current && Date.now() - last.at >= LINE_EVERY_MS && write(current),
    1000,
  );
  return {
    show(progress) {
      current = progress;
      if (progress.text !== last.text) write(progress);
    },
    stop: () => clearInterval(timer),
  };
}
