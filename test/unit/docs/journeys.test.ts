import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JOURNEYS } from '../../browser/journeys/journeys';

const ROOT = join(__dirname, '../../..');

/** The numbered list under a heading of a page, an entry a step. */
function numberedList(page: string, heading: string): string[] {
  const lines = readFileSync(join(ROOT, page), 'utf8').split('\n');
  const from = lines.findIndex((line) => /^#+ /.test(line) && line.endsWith(` ${heading}`));
  expect([page, heading, from]).not.toContain(-1);
  const until = lines.findIndex((line, index) => index > from && /^#+ /.test(line));
  const section = lines.slice(from + 1, until === -1 ? undefined : until).join('\n');
  return [...section.matchAll(/^\d+\. (.+(?:\n {3}.+)*)/gm)].map(([, entry]) =>
    (entry as string).replaceAll(/\n +/g, ' '),
  );
}

test.each(JOURNEYS.map(({ guide, heading, steps }) => [guide, heading, steps] as const))(
  '%s, “%s”: its numbered list has the steps that a browser test walks, and no others',
  (guide, heading, steps) => {
    expect(numberedList(guide, heading)).toStrictEqual(steps.map(({ says }) => says));
  },
);

test('every section of Step by step is walked', () => {
  const page = 'docs/step-by-step.md';
  const sections = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^## (.+)$/gm)];
  const walked = JOURNEYS.filter(({ guide }) => guide === page).map(({ heading }) => heading);
  expect(sections.map(([, title]) => title)).toStrictEqual(walked);
});
