import { eventually } from '../support/eventually';
import { JOURNEYS } from './journeys/journeys';
import { Person } from './journeys/person';
import { type BrowserSession, openSession } from './session';

const MINUTE = 60_000;
const JOURNEY_MS = 4 * MINUTE;

let session: BrowserSession;
const walked: string[] = [];

beforeAll(async () => {
  session = await openSession();
}, 20 * MINUTE);

/** Makes n8n as empty as it is after the installation. */
beforeEach(async () => {
  const { api } = session.testBed.n8n;
  const listed = async (path: string) => await api.call<Array<{ id: string }>>('GET', path);
  await api.archiveAll();
  for (const { id } of await listed('/rest/workflows')) {
    // Its triggers are switched off first.
    await eventually('a workflow is deleted', async () => {
      await api.call('DELETE', `/rest/workflows/${id}`);
      return true;
    });
  }
  for (const { id } of await listed('/rest/credentials'))
    await api.call('DELETE', `/rest/credentials/${id}`);
}, 3 * MINUTE);

afterAll(async () => {
  await session?.close();
  process.stdout.write(`From an empty n8n to the result:\n${walked.join('\n')}\n`);
}, MINUTE);

test.each(JOURNEYS.map((journey) => [`${journey.guide}: ${journey.heading}`, journey] as const))(
  '%s',
  async (name, { steps, ends }) => {
    await session.inEditor(async (editor) => {
      const person = await Person.at(editor, session.testBed);
      for (const [index, { says, does }] of steps.entries()) {
        try {
          await does(person);
        } catch (error) {
          throw new Error(`Step ${index + 1}, “${says}”: ${(error as Error).message}`, {
            cause: error,
          });
        }
      }
      await ends(person);
      const { clicks, fields } = person.acts;
      walked.push(`  ${name}: ${clicks} clicks, ${fields} typed fields`);
    }, JOURNEY_MS);
  },
  JOURNEY_MS + 10_000,
);
