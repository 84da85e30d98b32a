import type { Delivery } from '../../../emulator';
import { eventually } from '../../support/eventually';
import { payload, useTriggers } from './triggers';
import { submitWorkflow } from './workflows';

const MINUTE = 60_000;

const triggers = useTriggers();

describe('metadata', () => {
  const metadata = { order: 7, name: 'Ærøskøbing 漢字 😀', nested: { list: [1, null] } };
  let workflow: string;
  let sent: Delivery;

  beforeAll(async () => {
    workflow = await triggers.publish('metadata');
    const webhookUrl = triggers.urlOf('metadata');
    const submit = submitWorkflow({ webhookUrl, metadata: JSON.stringify(metadata) });
    const id = await triggers.api.importWorkflow(submit, {
      basetenWorkspaceApi: triggers.testBed.credential.id,
    });
    const run = await triggers.api.runAndWait(id, 'Start');
    const requestId = run.items('Submit')[0]?.json.request_id;
    const delivered = () =>
      triggers.emulator.deliveries.find((delivery) => delivery.requestId === requestId);
    await eventually('the result is delivered', async () => delivered()?.status !== undefined);
    sent = delivered() as Delivery;
  }, MINUTE);

  test('comes out of the trigger with the result', async () => {
    expect(sent.status).toBe(200);
    const items = await triggers.received(workflow);
    expect(items.map(({ json }) => [json.metadata, json.metadataUnverified])).toEqual([
      [metadata, undefined],
    ]);
  });

  test.each<[string, (query: URLSearchParams) => void, object]>([
    ['changed', (query) => query.set('baseten_metadata', 'eyJvcmRlciI6OH0'), { order: 8 }],
    ['unsigned', (query) => query.delete('baseten_metadata_signature'), metadata],
  ])('that was %s comes out as not verified, and the result is kept', async (how, tamper, came) => {
    const url = new URL(sent.url);
    tamper(url.searchParams);
    expect((await triggers.deliver(url.href, payload(`meta-${how}`))).status).toBe(200);
    const item = (await triggers.received(workflow)).find(
      ({ json }) => json.request_id === `meta-${how}`,
    );
    expect(item?.json).toMatchObject({
      metadata: {},
      metadataUnverified: came,
      data: { of: `meta-${how}` },
    });
  });
});
