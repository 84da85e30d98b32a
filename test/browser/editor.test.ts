import { readExample } from '../../host/demo/examples';
import type { WorkflowJson } from '../../host/n8n/workflowJson';
import { changedCredential } from '../support/workflows';
import type { Editor } from './editor';
import { picture, taken } from './picture';
import { type BrowserSession, openSession } from './session';
import {
  AGENT_WITHOUT_MODEL,
  EVENTS,
  ONLY_START,
  OPERATIONS,
  single,
  SPEECH_AND_IMAGES,
} from './workflows';

const MINUTE = 60_000;
const JOURNEY_MS = 2 * MINUTE;

let session: BrowserSession;

beforeAll(async () => {
  session = await openSession();
}, 20 * MINUTE);

afterAll(async () => {
  await session?.close();
  process.stdout.write(`Pictures in docs/images: ${taken.join(', ')}\n`);
}, MINUTE);

/** A test in a tab of its own, with a limit that leaves time to keep what the page shows. */
function journey(name: string, work: (editor: Editor) => Promise<void>): void {
  test(name, async () => await session.inEditor(work, JOURNEY_MS), JOURNEY_MS + 10_000);
}

describe('the node panel', () => {
  journey('finds the node by "llm", "inference" and "baseten"', async (editor) => {
    await editor.open(ONLY_START);
    await editor.openPanel();
    for (const words of ['llm', 'inference', 'baseten']) {
      await editor.search(words);
      await editor.found('Baseten').waitFor();
    }
    await editor.found('Baseten Chat Model').waitFor();
    await editor.icon('Baseten', 'baseten.svg').waitFor();
    await picture(editor, 'node-panel', { of: editor.panel });
    await editor.page.emulateMedia({ colorScheme: 'dark' });
    await editor.icon('Baseten', 'baseten.dark.svg').waitFor();
    await picture(editor, 'node-panel-dark', { of: editor.panel });
  });

  journey('has the node under AI', async (editor) => {
    await editor.open(ONLY_START);
    await editor.openPanel();
    for (const category of ['AI', 'Other AI Nodes', 'Miscellaneous'])
      await editor.found(category).click();
    await editor.found('Baseten').waitFor();
  });

  journey('offers every operation as an action', async (editor) => {
    await editor.open(ONLY_START);
    await editor.openPanel();
    await editor.search('baseten');
    await editor.found('Baseten').click();
    await editor.found('Predict with a model').waitFor();
    await picture(editor, 'actions', { of: editor.panel });
    await editor.found('Predict with a model').click();
    await editor.part('node-parameters').waitFor();
    await expect(editor.parameter('operation').locator('input').inputValue()).resolves.toBe(
      'Predict',
    );
  });
});

describe('the credential', () => {
  journey('says what is wrong with a key, and that a right one works', async (editor) => {
    const { emulator, credential } = session.testBed;
    await editor.open(single('Predict', {}));
    await editor.openNode('Predict');
    await editor.part('node-credentials-select').click();
    await editor.part('node-credentials-select-item-new').click();

    const field = (name: string) => editor.parameter(name).locator('input');
    await field('apiKey').fill('no-such-key');
    await editor.parameter('endpoints').click();
    await editor.page.getByRole('option', { name: /^Custom/ }).click();
    for (const name of ['deploymentUrl', 'modelApiUrl', 'managementUrl', 'webhookSecret']) {
      await field(name).fill(String(credential.data[name]));
    }
    await editor.save();
    await editor.page.getByText('More details').click();
    await editor.page.getByText('Baseten refused this API key').waitFor();
    await field('apiKey').scrollIntoViewIfNeeded();
    await picture(editor, 'credential-refused', { of: editor.credentialDialog });

    await field('apiKey').fill(String(emulator?.apiKey));
    await editor.save();
    await editor.credentialDialog.waitFor({ state: 'hidden' });
    await editor.part('credential-edit-button').click();
    await editor.page.getByText('Connection tested successfully').waitFor();
    await picture(editor, 'credential-accepted', { of: editor.credentialDialog });
  });
});

describe('a prediction', () => {
  journey('takes its model from the list, runs, and shows the answer', async (editor) => {
    await editor.open(single('Predict', { inputMode: 'json' }));
    await editor.openNode('Predict');
    await editor.openList('modelId');
    await picture(editor, 'model-list');
    await editor.part('rlc-search').fill('sentiment');
    await editor.part('rlc-item').nth(1).waitFor({ state: 'hidden' });
    await editor.part('rlc-item').filter({ hasText: 'sentim01' }).click();
    await editor.writeCode('input', '{ "text": "Great value, we love it." }');
    await editor.execute();
    await editor.output.getByText('positive', { exact: true }).waitFor();
    await picture(editor, 'predict-output');
  });
});

describe('the fields of a model', () => {
  journey('stand in the form with examples, and change with the model', async (editor) => {
    const { emulator } = session.testBed;
    await editor.page.setViewportSize({ width: 1400, height: 960 });
    await editor.open(single('Predict', { inputMode: 'json' }));
    await editor.openNode('Predict');
    await editor.choose('modelId', 'image generator');
    await editor.select('inputMode', 'Model Fields');
    for (const label of ['prompt (e.g. A red fox in the snow)', 'width (e.g. 256)']) {
      await editor.fields.getByText(label, { exact: true }).waitFor();
    }
    await editor.modelField('prompt').locator('input, textarea').fill('A blue whale in the sea');
    await editor.modelField('width').locator('input').fill('512');
    await editor.execute();
    await editor.output.getByText('image/png').waitFor();
    const sent = emulator?.requests.findLast(({ path }) => path.endsWith('/predict'));
    expect(sent?.json()).toStrictEqual({ prompt: 'A blue whale in the sea', width: 512 });
    await picture(editor, 'model-fields');

    await editor.choose('modelId', 'Simulated echo');
    for (const label of ['message (e.g. Hello there)', 'times (e.g. 3)', 'loud (e.g. false)']) {
      await editor.fields.getByText(label, { exact: true }).waitFor();
    }
    await editor.modelField('prompt').waitFor({ state: 'hidden' });
    await expect(editor.modelField('stream').count()).resolves.toBe(0);
    await picture(editor, 'model-fields-of-another', { of: editor.fields });
  });

  journey('a limited key may not read, which the form says; JSON still works', async (editor) => {
    const { emulator, n8n } = session.testBed;
    const id = await n8n.api.createCredential({
      ...changedCredential(session.testBed, { apiKey: emulator?.inferenceOnlyKey }),
      name: 'Limited',
    });
    await editor.page.setViewportSize({ width: 1400, height: 1000 });
    await editor.open(
      single('Predict', { modelId: { __rl: true, mode: 'id', value: 'sentim01' } }),
      id,
    );
    await editor.openNode('Predict');
    await editor.fieldsNotice
      .filter({ hasText: 'This API key may not read which fields the model takes.' })
      .waitFor();
    await formPicture(editor, 'model-fields-limited-key');
    await editor.select('inputMode', 'JSON');
    await editor.writeCode('input', '{ "text": "Great value, we love it." }');
    await editor.execute();
    await editor.output.getByText('positive', { exact: true }).waitFor();
  });
});

describe('the trigger', () => {
  journey('listens for a test event and shows the result that arrives', async (editor) => {
    await editor.openNew();
    await editor.part('canvas-add-button').click();
    await editor.search('baseten');
    await editor.found('Baseten').click();
    await editor.found('On async result').click();
    await editor.part('node-parameters').waitFor();
    const { url: address } = session.testBed.n8n;
    await editor.page.getByText(`Baseten delivers to this n8n at ${address}.`).waitFor();
    await editor.page.getByText('Webhook URLs').click();
    await editor.page.locator('.webhook-url').filter({ visible: true }).click();
    const url = await editor.clipboard();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/webhook-test\//);
    await editor.part('trigger-execute-button').click();
    await editor.part('trigger-listening').waitFor();
    await picture(editor, 'trigger-listening');

    // In a tab of its own a second workflow submits to the URL that was copied.
    await session.inEditor(async (other) => await submitTo(url, other), JOURNEY_MS);
    await editor.part('ndv-items-count', editor.output).waitFor();
    await editor.showJson();
    await editor.output.getByText('"async_request_completed"').waitFor();
    await picture(editor, 'trigger-result');
  });
});

/** Submits an async request whose result goes to `webhookUrl`. */
async function submitTo(webhookUrl: string, editor: Editor): Promise<void> {
  const modelId = { __rl: true, mode: 'id', value: 'sentim01' };
  const input = '{ "text": "Great value, we love it." }';
  await editor.open(
    single('Submit', {
      operation: 'submitAsync',
      modelId,
      inputMode: 'json',
      input,
      webhookUrl,
    }),
  );
  await editor.openNode('Submit');
  await editor.execute();
  await editor.output.getByText('request_id', { exact: true }).waitFor();
}

describe('a sleeping model', () => {
  journey('is woken, and the node waits until it is ready', async (editor) => {
    const modelId = { __rl: true, mode: 'id', value: 'sleepy01' };
    await editor.open(single('Wake', { operation: 'wake', modelId }));
    await editor.openNode('Wake');
    await editor.execute();
    await editor.showJson();
    await editor.output.getByText('"ACTIVE"').waitFor();
    await picture(editor, 'wake-output');
  });
});

describe('the chat model', () => {
  journey('is connected to an AI Agent, which answers', async (editor) => {
    await editor.open(AGENT_WITHOUT_MODEL);
    await editor.fit();
    await editor.addSubNode('AI Agent', 'ai_languageModel', 'Baseten Chat Model');
    await editor.openList('model');
    await editor.part('rlc-item').filter({ hasText: 'Emulator Chat' }).click();
    await picture(editor, 'chat-model');
    await editor.closeNode();
    // High enough for the conversation below the canvas.
    await editor.page.setViewportSize({ width: 1400, height: 960 });
    await editor.part('workflow-chat-button').click();
    await editor.part('chat-input').fill('What are you?');
    await editor.page.keyboard.press('Enter');
    const answer = editor.page.locator('.chat-message-from-bot:not(.chat-message-typing)');
    await answer.waitFor();
    await expect(answer.innerText()).resolves.toMatch(/\w/);
    await editor.fit();
    await picture(editor, 'chat-with-an-agent');
  });
});

describe('an error', () => {
  journey('of a model that does not exist says what to check', async (editor) => {
    await editor.open(
      single('Predict', { modelId: { __rl: true, mode: 'id', value: 'nosuch99' } }),
    );
    await editor.openNode('Predict');
    await editor.execute();
    await editor
      .part('node-error-description')
      .filter({ hasText: 'Check the ID' })
      .first()
      .waitFor();
    await picture(editor, 'error-no-such-model');
  });

  journey('of a refused input repeats what the model says', async (editor) => {
    const modelId = { __rl: true, mode: 'id', value: 'sentim01' };
    const input = '{ "review": "Great value" }';
    await editor.open(single('Predict', { modelId, inputMode: 'json', input }));
    await editor.openNode('Predict');
    await editor.execute();
    await editor
      .part('node-error-description')
      .filter({ hasText: 'Field "text" has to be a string' })
      .first()
      .waitFor();
    await picture(editor, 'error-refused-input');
  });
});

describe('the canvas', () => {
  for (const name of [
    'durable-batch',
    'async-to-trigger',
    'wait-for-result',
    'agent-with-tool',
    'embed-and-retrieve',
    'scale-around-a-batch',
  ]) {
    journey(`shows the example ${name}`, async (editor) => {
      await editor.page.setViewportSize({ width: 1440, height: 1100 });
      await editor.open(readExample({ file: `${name}.json` }));
      await editor.fit();
      await picture(editor, `example-${name}`, { around: editor.page.locator('.vue-flow__node') });
    });
  }
});

describe('the parameters', () => {
  journey('of each kind of operation', async (editor) => {
    await formPictures(editor, OPERATIONS);
  });

  journey('of speech and images', async (editor) => {
    await formPictures(editor, SPEECH_AND_IMAGES);
  });

  journey('of the event trigger', async (editor) => {
    await editor.page.setViewportSize({ width: 1400, height: 1500 });
    await editor.open(EVENTS);
    await editor.openNode('Deployment Unhealthy');
    await formPicture(editor, 'parameters-event-trigger');
  });
});

/** A picture of the form of each Baseten node of a workflow. */
async function formPictures(editor: Editor, workflow: WorkflowJson): Promise<void> {
  // High enough for the longest form.
  await editor.page.setViewportSize({ width: 1400, height: 1500 });
  await editor.open(workflow);
  await editor.fit();
  for (const { name, type } of workflow.nodes) {
    if (type !== 'n8n-nodes-baseten.baseten') continue;
    await editor.openNode(name);
    await formPicture(editor, `parameters-${name.toLowerCase().replace(' ', '-')}`);
    await editor.closeNode();
  }
}

/** A picture of the form of the open node. */
async function formPicture(editor: Editor, name: string): Promise<void> {
  await picture(editor, name, {
    around: editor.part('node-credentials-slot').or(editor.part('parameter-item')),
    margin: { top: 12, side: 12, bottom: 12 },
  });
}
