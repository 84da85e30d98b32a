// Decisions: docs/decisions.md, "One table holds every failure".

import { markdownTable } from 'markdown-table';

import { FAILURES, STOPPED, WEB_PAGE, type Failure } from '../../nodes/shared/errors/failures';

const [START, END] = ['<!-- troubleshooting:start -->', '<!-- troubleshooting:end -->'];

/** The parts that the rows are shown in. Each begins with a failure and ends before the next. */
const PARTS: Array<{ title: string; first: keyof typeof FAILURES }> = [
  { title: 'Baseten responds with an error', first: 'badRequest' },
  { title: 'The connection fails', first: 'noHost' },
  { title: 'The response is late, cut off, or of another kind', first: 'lostRequestId' },
];

/** Files with the tables between two marks. Their paths begin at the project's folder. */
export const TROUBLESHOOTING_FILES = ['docs/troubleshooting.md'];

/** Returns the tables of all failures, with the words that the nodes use. */
export function troubleshootingTables(): string {
  const rows = Object.values(FAILURES).map(toRow);
  const webPage = [WEB_PAGE.cause, 'the words for its status', '', WEB_PAGE.hint];
  const all = [...rows, toRow(STOPPED), webPage];
  const names = Object.keys(FAILURES);
  const starts = PARTS.map(({ first }) => names.indexOf(first));
  return PARTS.map(
    ({ title }, part) => `## ${title}\n\n${table(all.slice(starts[part], starts[part + 1]))}`,
  ).join('\n\n');
}

/**
 * Returns the text with the tables between the two marks.
 * @throws {Error} if the marks are missing
 */
export function withTroubleshooting(text: string): string {
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start)
    throw new Error(`There is no place for the tables: ${START} … ${END}.`);
  return `${text.slice(0, start + START.length)}\n\n${troubleshootingTables()}\n\n${text.slice(end)}`;
}

function toRow({ cause, title, hint, isPassing }: Failure): string[] {
  return [cause, inTable(title), isPassing ? 'yes' : '', hint];
}

function table(rows: string[][]): string {
  const head = ['What happened', 'What n8n shows', 'Tried again', 'What to do'];
  // Hints are long, so columns are not aligned: cells of the same length get no padding.
  return markdownTable([head, ...rows], { stringLength: () => 3 });
}

/** Returns a title with dots in the place of the name of what was called. */
function inTable(title: string): string {
  return title.replace(/\{\w+\}/g, '…');
}
