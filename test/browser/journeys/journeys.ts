import { MODEL_IDS } from '../../../emulator';
import { EXAMPLES, readUnfilledExample } from '../../../host/demo/examples';
import { contextOf } from '../../../host/demo/runExample';
import type { WorkflowJson } from '../../../host/n8n/workflowJson';
import { hurriedBatch } from '../../support/durableBatch';
import type { Journey, Step } from './journey';
import type { Person } from './person';

const STEPS = 'docs/step-by-step.md';
/** The example's schedules run every few seconds here, and not every minute. */
const HURRY = { submitEvery: 3, lookEvery: 4, overdue: 30, sleep: 5 };

const CREDENTIAL: Step = {
  says: 'Create the [credential](../README.md#credentials).',
  does: async (person) => await person.createCredential(fullKey(person)),
};

const CREDENTIAL_WITH_SECRET: Step = {
  says: 'Create the [credential](../README.md#credentials), with a _Webhook Secret_.',
  does: async (person) =>
    await person.createCredential({
      ...fullKey(person),
      webhookSecret: String(person.testBed.credential.data.webhookSecret),
    }),
};

const PREDICT: Step = {
  says: 'Add **Baseten** to a new workflow and choose _Model → Predict_.',
  does: async (person) => await person.beginWith('baseten', 'Baseten', 'Predict with a model'),
};

const EXECUTE: Step = {
  says: 'Press _Execute workflow_.',
  does: async (person) => await person.execute(),
};

const PUBLISH: Step = {
  says: 'Publish the workflow.',
  does: async (person) => await person.publish(),
};

/** Every journey, in the order in which they are walked. */
export const JOURNEYS: Journey[] = [
  {
    guide: 'README.md',
    heading: 'First answer',
    steps: [
      {
        says: 'Create the [credential](#credentials).',
        does: CREDENTIAL.does,
      },
      {
        says: 'Add **Baseten** to a new workflow and choose _Chat → Message a Model_.',
        does: async (person) => await person.beginWith('llm', 'Baseten', 'Message a model'),
      },
      {
        says: 'Choose a _Model Name_ from the list, and write a _Prompt_.',
        async does({ editor }) {
          await editor.choose('model', 'Emulator Chat');
          await editor.parameter('prompt').locator('textarea').fill('What are you?');
        },
      },
      {
        says: 'Press _Execute step_. The answer is in `content`.',
        does: async ({ editor }) => await editor.execute(),
      },
    ],
    ends: async ({ editor }) =>
      await editor.output.getByText('content', { exact: true }).first().waitFor(),
  },
  {
    guide: 'README.md',
    heading: 'Your own model',
    steps: [
      {
        says: 'Choose _Model → Predict_ and your model. The list says which models are awake.',
        async does(person) {
          await CREDENTIAL.does(person);
          await PREDICT.does(person);
          await person.editor.choose('modelId', 'image generator');
        },
      },
      {
        says: 'Fill in the [fields of the model](docs/model-fields.md), which come from its own example in Baseten. Or choose _Input Mode: JSON_.',
        does: async ({ editor }) =>
          await editor.modelField('prompt').locator('input, textarea').fill('A red fox'),
      },
      {
        says: 'Press _Execute step_. If there are several items, each gets its own answer, in the same order.',
        does: async ({ editor }) => await editor.execute(),
      },
    ],
    ends: async ({ editor }) => await editor.output.getByText('image/png').waitFor(),
  },
  exampleJourney('A label for every row of a sheet', 'sheet-classify.json', [
    {
      says: 'In **Rows** and **Write Labels** choose your Google account, the document and the sheet. It needs a column `text` and a column `label`.',
      // There is no Google account here: nodes that need nothing stand in for these two.
      async does({ editor }) {
        for (const name of ['Rows', 'Write Labels']) await editor.node(name).waitFor();
      },
    },
    chooseStep('Classify', 'model', 'Emulator Chat'),
    EXECUTE,
  ]),
  exampleJourney('Rows of a table, every night', 'nightly-with-retries.json', [
    chooseStep('Predict', 'modelId', 'flaky model'),
    {
      says: 'Run **1 Fill the Table** once. It makes the table, with the rows of **Rows**.',
      does: async (person) => await person.execute('1 Fill the Table'),
    },
    PUBLISH,
  ]),
  exampleJourney('Subtitles for recordings', 'transcribe-files.json', [
    chooseStep('Recordings', 'modelId', 'Kokoro'),
    chooseStep('Transcribe', 'modelId', 'faster-whisper'),
    EXECUTE,
  ]),
  exampleJourney('Images with good names', 'images-with-names.json', [
    chooseStep('Images', 'modelId', 'FLUX'),
    EXECUTE,
  ]),
  exampleJourney(
    'Long jobs, each once in a table',
    'durable-batch.json',
    [
      chooseStep('Model', 'modelId', 'sentiment classifier'),
      PUBLISH,
      {
        says: 'Run **Try It**. It ends when all rows have, each once in the table `Baseten batches`.',
        does: async (person) => await person.execute('Try It'),
      },
    ],
    {
      credential: CREDENTIAL_WITH_SECRET,
      change: (example) => hurriedBatch(HURRY, example),
    },
  ),
  exampleJourney('Promote, watch and roll back', 'promote-after-evaluation.json', [
    chooseStep('Deployments', 'modelId', 'sentiment classifier'),
    EXECUTE,
  ]),
  exampleJourney('Office hours', 'office-hours.json', [
    chooseStep('Environment', 'modelId', 'sentiment classifier'),
    EXECUTE,
    PUBLISH,
  ]),
  exampleJourney('A budget', 'budget-guard.json', [
    {
      says: 'Open **Budget Passed** and set _Limit_, in dollars.',
      async does({ editor }) {
        await editor.openNode('Budget Passed');
        await editor.parameter('limit').locator('input').fill('50');
        await editor.closeNode();
      },
    },
    chooseStep('Deployments', 'modelId', 'Stable Diffusion'),
    {
      says: 'Press _Execute workflow_ to try it: what is not in production is stopped, whatever was spent.',
      does: EXECUTE.does,
    },
    PUBLISH,
  ]),
  exampleJourney('An agent with a tool, on your own model', 'agent-with-tool.json', [
    {
      says: 'Open **Baseten Chat Model**, set _Source_ to _Deployment_ and choose your _Model_ from the list.',
      async does({ editor }) {
        await editor.openNode('Baseten Chat Model');
        await editor.select('source', 'Deployment');
        await editor.choose('modelId', 'language model');
        await editor.closeNode();
      },
    },
    EXECUTE,
  ]),
  exampleJourney('Search over documents', 'ask-your-documents.json', [
    chooseStep('Embeddings Baseten', 'modelId', 'embeddings engine'),
    chooseStep('Reranker Baseten', 'modelId', 'reranker'),
    chooseStep('Answer', 'model', 'Emulator Chat'),
    EXECUTE,
  ]),
  {
    guide: STEPS,
    heading: 'A key that may only call models',
    steps: [
      {
        says: 'Create the [credential](../README.md#credentials) with a key that is limited to inference, and enter one that may read lists as _Management API Key_.',
        does: async (person) =>
          await person.createCredential({
            apiKey: person.testBed.emulator.inferenceOnlyKey,
            managementApiKey: person.testBed.emulator.apiKey,
          }),
      },
      PREDICT,
      {
        says: 'Choose the _Model_. The list and the fields come with the second key.',
        does: async ({ editor }) => await editor.choose('modelId', 'Simulated echo'),
      },
      {
        says: 'Fill in a field and press _Execute step_. The call is made with the first key.',
        async does({ editor }) {
          await editor.modelField('message').locator('input, textarea').fill('Good morning');
          await editor.execute();
        },
      },
    ],
    async ends({ editor, testBed: { emulator } }) {
      await editor.output.getByText('Good morning').first().waitFor();
      const call = emulator.requests.findLast(({ path }) => path.endsWith('/predict'));
      expect(call?.headers.authorization).toContain(emulator.inferenceOnlyKey);
    },
  },
  {
    guide: STEPS,
    heading: 'A call that fails',
    steps: [
      CREDENTIAL,
      PREDICT,
      {
        says: 'Choose the _Model_, set _Input Mode_ to _JSON_, and write an _Input_ that the model does not take.',
        async does({ editor }) {
          await editor.choose('modelId', 'sentiment classifier');
          await editor.select('inputMode', 'JSON');
          await editor.writeCode('input', '{ "review": "Great value, we love it." }');
        },
      },
      {
        says: 'Press _Execute step_. The error has the model’s own words and an example of what it takes.',
        async does({ editor }) {
          await editor.execute();
          const description = editor.part('node-error-description').first();
          for (const words of ['Field "text" has to be a string', '"text":'])
            await description.filter({ hasText: words }).waitFor();
        },
      },
      {
        says: 'Write the input as the example shows it, and press _Execute step_ again.',
        async does({ editor }) {
          await editor.writeCode('input', '{ "text": "Great value, we love it." }');
          await editor.execute();
        },
      },
    ],
    ends: async ({ editor }) =>
      await editor.output.getByText('positive', { exact: true }).waitFor(),
  },
  {
    guide: 'docs/coming-from.md',
    heading: 'An HTTP Request node, or a line of curl',
    steps: [
      {
        ...PREDICT,
        does: async (person) => {
          await CREDENTIAL.does(person);
          await PREDICT.does(person);
        },
      },
      {
        says: 'Set _Model_ to _By URL_ and paste the address of the call.',
        async does({ editor }) {
          const locator = editor.part('resource-locator-modelId');
          await editor.part('rlc-mode-selector', locator).click();
          await editor.page.getByRole('option', { name: 'By URL' }).click();
          await editor
            .part('rlc-input-container', locator)
            .locator('input')
            .fill('https://model-sentim01.api.baseten.co/production/predict');
        },
      },
      {
        says: 'Set _Input Mode_ to _JSON_, and paste what stands behind `-d` as _Input_.',
        async does({ editor }) {
          await editor.select('inputMode', 'JSON');
          await editor.writeCode('input', '{"text": "Great value, we love it."}');
        },
      },
      {
        says: 'Press _Execute step_.',
        does: async ({ editor }) => await editor.execute(),
      },
    ],
    ends: async ({ editor }) =>
      await editor.output.getByText('positive', { exact: true }).waitFor(),
  },
  submitAndReceive(),
];

/** Two workflows: one submits, and the result starts the other. */
function submitAndReceive(): Journey {
  let receiver = '';
  return {
    guide: 'docs/async-with-a-trigger.md',
    heading: 'Async with a trigger',
    steps: [
      {
        says: 'In Baseten, create a webhook secret under _Settings → Webhook secrets_. Enter it as _Webhook Secret_ in the n8n credential.',
        does: CREDENTIAL_WITH_SECRET.does,
      },
      {
        says: 'Make a workflow that begins with **Baseten Trigger**. Copy the node’s _Production URL_, and publish the workflow.',
        async does(person) {
          const { editor } = person;
          await person.beginWith('baseten', 'Baseten', 'On async result');
          await editor.page.getByText('Webhook URLs').click();
          await editor.page.getByText('Production URL', { exact: true }).click();
          await editor.page.locator('.webhook-url').filter({ visible: true }).click();
          await editor.closeNode();
          await person.publish();
          receiver = person.workflowId;
        },
      },
      {
        says: 'In another workflow add **Baseten** with _Model → Submit Async_. Choose your model and write its input. Choose _Delivery: Send to Webhook_, and paste the URL as _Webhook URL_.',
        async does(person) {
          const { editor } = person;
          const url = await editor.clipboard();
          expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/webhook\//);
          await person.beginWith('baseten', 'Baseten', 'Submit an async request to a model');
          await editor.choose('modelId', 'sentiment classifier');
          await editor.select('inputMode', 'JSON');
          await editor.writeCode('input', '{ "text": "Great value, we love it." }');
          await editor.select('delivery', 'Send to Webhook');
          await editor.parameter('webhookUrl').locator('input').fill(url);
        },
      },
      {
        says: 'Write into _Metadata_ what tells you which result it is, such as `{ "order": {{ $json.id }} }`. It comes out of the trigger as `metadata`.',
        does: async ({ editor }) => await editor.writeCode('metadata', '{ "order": 7 }'),
      },
      {
        says: 'Press _Execute step_. The result starts the first workflow: look at its _Executions_.',
        does: async ({ editor }) => await editor.execute(),
      },
    ],
    async ends({ testBed }) {
      const { api } = testBed.n8n;
      const [run] = await api.runsOf(receiver, 'Baseten Trigger', 1);
      expect(run?.lastItems).toMatchObject([
        { json: { succeeded: true, metadata: { order: 7 }, model_id: MODEL_IDS.sentiment } },
      ]);
    },
  };
}

const fullKey = ({ testBed }: Person) => ({ apiKey: testBed.emulator.apiKey });

/**
 * A journey that imports an example, and ends if that gives what it gives in the demo.
 * @param steps what comes after the import
 * @param change makes the example fit for a test
 */
function exampleJourney(
  heading: string,
  file: string,
  steps: Step[],
  {
    credential = CREDENTIAL,
    change = (example) => example,
  }: { credential?: Step; change?: (example: WorkflowJson) => WorkflowJson } = {},
): Journey {
  return {
    guide: STEPS,
    heading,
    steps: [credential, importStep(file, change), ...steps],
    ends: async (person) => await checkExample(person, file),
  };
}

function importStep(file: string, change: (example: WorkflowJson) => WorkflowJson): Step {
  return {
    says: `Make a new workflow. In the menu with the three dots choose _Import → From file_, and the file [\`${file}\`](../examples/${file}).`,
    does: async (person) => await person.importFile(file, change(readUnfilledExample({ file }))),
  };
}

function chooseStep(node: string, parameter: string, entry: string): Step {
  // The model of a chat is known by its name, other models by their ID.
  const label = parameter === 'model' ? 'Model Name' : 'Model';
  return {
    says: `Open **${node}** and choose the _${label}_ from the list.`,
    async does({ editor }) {
      await editor.openNode(node);
      await editor.choose(parameter, entry);
      await editor.closeNode();
    },
  };
}

/**
 * Looks at what the person ran last of an imported example, as the demo does. A published example
 * may have begun by itself since then.
 */
async function checkExample({ testBed, workflowId }: Person, file: string): Promise<void> {
  const run = await testBed.n8n.api.newest(workflowId, 'manual');
  if (run.error) throw new Error(run.error);
  const example = EXAMPLES.find((each) => each.file === file);
  await example?.check(run, contextOf(testBed, workflowId));
}
