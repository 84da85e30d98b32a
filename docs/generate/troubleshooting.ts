// Decisions: docs/decisions.md, "One table holds every failure".

import { markdownTable } from 'markdown-table';

import { FAILURES, STOPPED, WEB_PAGE, type Failure } from '../../nodes/shared/errors/failures';

const [START, END] = ['<!-- troubleshooting:start -->', '<!-- troubleshooting:end -->'];

/** Files with the table between two marks. Their paths begin at the project's folder. */
export const TROUBLESHOOTING_FILES = ['docs/troubleshooting.md'];

/** Returns the table of all failures, with the words that the nodes use. */
export function troubleshootingTable(): string {
  const failures: Failure[] = [...Object.values(FAILURES), STOPPED];
  const rows = failures.map(({ cause, title, hint, isPassing }) => [
    cause,
    inTable(title),
    isPassing ? 'yes' : '',
    hint,
  ]);
  const page = [WEB_PAGE.cause, 'as its status says', '', WEB_PAGE.hint];
  const head = ['What happened', 'What n8n shows', 'Tried again', 'What to do'];
  // Hints are long, so columns are not aligned: cells of the same length get no padding.
  return markdownTable([head, ...rows, page], { stringLength: () => 3 });
}

/**
 * Returns the text with the table between the two marks.
 * @throws {Error} if the marks are missing
 */
export function withTroubleshooting(text: string): string {
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start)
    throw new Error(`There is no place for the table: ${START} … ${END}.`);
  return `${text.slice(0, start + START.length)}\n${troubleshootingTable()}\n${text.slice(end)}`;
}

/** Returns a title with dots in the place of the name of what was called. */
function inTable(title: string): string {
  return title.replace(/\{\w+\}/g, '…');
}
