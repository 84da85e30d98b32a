import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { EXAMPLES, readExample } from '../../../host/demo/examples';
import type { WorkflowJson, WorkflowNode } from '../../../host/n8n/workflowJson';
// With its ending: without it some loaders find the codex file Baseten.node.json first.
import { Baseten } from '../../../nodes/Baseten/Baseten.node.ts';

const FOLDER = join(__dirname, '../../../examples');
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
const textOf = (file: string) => readFileSync(join(FOLDER, file), 'utf8');
const nodesOf = (file: string) => (JSON.parse(textOf(file)) as WorkflowJson).nodes;
const simulated = [...new Set(EXAMPLES.flatMap(({ ids }) => Object.keys(ids)))];

/** Whether a node calls something that nobody chose. For the event trigger nothing means all. */
function isUnfilled({ type, parameters }: WorkflowNode): boolean {
  if (type.endsWith('.basetenEventTrigger')) return false;
  return ['modelId', 'chainId'].some((key) =>
    /"mode":"list","value":""/.test(JSON.stringify(parameters[key] ?? '')),
  );
}

test('there are examples and simulated models to look for', () => {
  expect(files.length).toBeGreaterThan(15);
  expect(simulated.length).toBeGreaterThan(8);
});

describe.each(files)('%s', (file) => {
  test('names no simulated model, so that people choose theirs', () => {
    expect(simulated.filter((id) => textOf(file).includes(`"${id}"`))).toStrictEqual([]);
  });

  test('finds the credential by the name that n8n gives to a new one', () => {
    const references = nodesOf(file).flatMap(({ credentials = {} }) => Object.values(credentials));
    expect(references.length).toBeGreaterThan(0);
    const named = { id: null, name: 'Baseten Workspace account' };
    expect(references.filter(({ name }) => name.startsWith('Baseten'))).toStrictEqual(
      references.filter(({ name }) => name.startsWith('Baseten')).map(() => named),
    );
  });

  test('has nodes of the newest version: n8n knows the output fields of no other before they run', () => {
    const ours = nodesOf(file).filter(({ type }) => type === 'n8n-nodes-baseten.baseten');
    const [newest] = [new Baseten().description.version].flat().slice(-1);
    expect(ours.filter(({ typeVersion }) => typeVersion !== newest)).toStrictEqual([]);
  });

  test('says what to do before it runs', () => {
    const notes = nodesOf(file)
      .filter(({ type }) => type.endsWith('.stickyNote'))
      .map(({ parameters }) => String(parameters.content));
    expect(notes.join('\n')).toMatch(/Before you run/);
  });

  test('has every list filled when the demo runs it', () => {
    const { nodes } = readExample({ file });
    const { models = {} } = EXAMPLES.find((example) => example.file === file) ?? {};
    for (const [name, id] of Object.entries(models)) {
      const node = nodes.find((each) => each.name === name);
      expect(JSON.stringify(node?.parameters)).toContain(`"mode":"id","value":"${id}"`);
    }
    expect(nodes.filter(isUnfilled).map(({ name }) => name)).toStrictEqual([]);
  });
});

describe('a chat that gives access to what is not for everybody', () => {
  const chatOf = (nodes: WorkflowNode[]) => nodes.find(({ type }) => type.endsWith('.chatTrigger'));

  test.each(['baseten-mcp-agent.json', 'documents-with-reranker.json'])(
    '%s: strangers can’t use it once the workflow is published, but the demo can',
    (file) => {
      const { public: isPublic = false, authentication = 'none' } =
        chatOf(nodesOf(file))?.parameters ?? {};
      expect(isPublic === false || authentication === 'n8nUserAuth').toBe(true);
      expect(chatOf(readExample({ file }).nodes)?.parameters).toMatchObject({
        public: true,
        authentication: 'none',
      });
    },
  );
});

test('n8n publishes no workflow with an empty list, so notes have people choose before they publish', () => {
  for (const file of files) {
    const nodes = nodesOf(file);
    const note = nodes.map(({ parameters }) => String(parameters.content ?? '')).join('\n');
    const publishing = note.search(/Publish (this|the) workflow|publish the workflow/);
    if (publishing < 0) continue;
    const steps = note.slice(note.indexOf('Before you run'), publishing);
    // Such as "and a model in **One**, **Two** and **Three**".
    const isSaid = (name: string) =>
      new RegExp(`model\\*? in (\\*\\*[^*]+\\*\\*(, | and ))*\\*\\*${name}\\*\\*`, 'i').test(steps);
    const unsaid = nodes
      .filter(isUnfilled)
      .map(({ name }) => name)
      .filter((name) => !isSaid(name));
    expect([file, unsaid]).toStrictEqual([file, []]);
  }
});
