import { PNG } from 'pngjs';

import type { Run } from '../../host/n8n/run';
import { FAST_WEBHOOKS, type SimulatedTestBed, startTestBed } from '../../host/n8n/testBed';
import { type NodeInARow, type WorkflowJson, chainOf } from '../../host/n8n/workflowJson';
import { installedHost } from '../support/installedHost';
import { PAINTERS, SPEAKERS, TRANSCRIBERS, transcriptOf } from '../support/mediaModels';
import { byId } from '../support/parameters';

const MINUTE = 60_000;
const RECORDING = Buffer.from('not really a recording');
const LINK = 'https://example.com/files/talk.mp3';

let testBed: SimulatedTestBed;
/** One execution, in which every model has nodes of its own. */
let run: Run;

beforeAll(async () => {
  testBed = await startTestBed({ host: await installedHost(), env: FAST_WEBHOOKS });
  run = await testBed.n8n.api.runAndWait(await testBed.add(allModels()), 'Start');
}, 20 * MINUTE);

afterAll(async () => await testBed?.close(), MINUTE);

test('the workflow ran to its end', () => {
  expect(run.error).toBeUndefined();
});

/** How a node finds the format: by the model's example, or because it was chosen. */
const WAYS = ['auto', 'chosen'] as const;

describe.each(TRANSCRIBERS)(
  'Transcribe with a model of the format %s',
  (format, _, { hasTimes, takesLinks }) => {
    test.each(WAYS)('gives text and subtitles of a file, format %s', async (way) => {
      const [item, ...more] = run.items(`${format} ${way}`);
      expect(more).toEqual([]);
      const text = transcriptOf(`${RECORDING.length} bytes`);
      expect(item?.json).toMatchObject({ text, language: 'en', requestFormat: format });
      if (!item || !hasTimes) return;
      expect(item.binary?.subtitles).toMatchObject({ fileName: 'talk.srt' });
      const subtitles = (await run.file(item, 'subtitles')).toString();
      expect(subtitles).toMatch(/^1\n00:00:00,000 --> 00:00:02,250\n.*simulated transcript/);
    });

    if (takesLinks)
      test('gives the text of a link', () => {
        const [item] = run.items(`${format} link`);
        expect(item?.json.text).toBe(transcriptOf(`the link ${LINK}`));
      });
  },
);

test.each(SPEAKERS)('Generate Speech with a model of the format %s', async (format) => {
  for (const way of WAYS) {
    const [item, ...more] = run.items(`${format} ${way}`);
    expect(more).toEqual([]);
    expect(item?.binary?.data).toMatchObject({ mimeType: 'audio/wav', fileName: 'speech.wav' });
    const file = item ? await run.file(item) : Buffer.alloc(0);
    expect(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 16)).toBe('RIFFWAVEfmt ');
    expect(file.readUInt32LE(40)).toBe(file.length - 44);
  }
});

test.each(PAINTERS)('Generate an image with a model of the format %s', async (format, _, rests) => {
  for (const way of WAYS) {
    const items = run.items(`${format} ${way}`);
    expect(items.map(({ json }) => json)).toEqual(rests);
    for (const item of items) {
      expect(item.binary?.data).toMatchObject({ mimeType: 'image/png' });
      expect(PNG.sync.read(await run.file(item)).width).toBeGreaterThan(8);
    }
  }
});

/** A recording that goes to all nodes at once. */
function allModels(): WorkflowJson {
  const transcribe = { resource: 'audio', operation: 'transcribe' };
  const nodes = [
    ...TRANSCRIBERS.flatMap(([format, modelId, { takesLinks }]) => {
      const options = { subtitles: 'srt' };
      const link = { ...transcribe, audioSource: 'url', audioUrl: LINK };
      return [
        ...bothWays(format, modelId, { ...transcribe, options }),
        ...(takesLinks ? [baseten(`${format} link`, { ...link, modelId: byId(modelId) })] : []),
      ];
    }),
    ...SPEAKERS.flatMap(([format, modelId]) =>
      bothWays(format, modelId, { resource: 'audio', operation: 'generateSpeech', text: 'Hello.' }),
    ),
    ...PAINTERS.flatMap(([format, modelId]) =>
      bothWays(format, modelId, { resource: 'image', operation: 'generate', prompt: 'A red fox' }),
    ),
  ];
  const start = chainOf('Every model for speech and images', [START, RECORDINGS]);
  const to = nodes.map(({ name }) => ({ node: name, type: 'main', index: 0 }));
  return {
    ...start,
    nodes: [...start.nodes, ...chainOf('', nodes).nodes],
    connections: { ...start.connections, [RECORDINGS.name]: { main: [to] } },
  };
}

function bothWays(format: string, modelId: string, parameters: object): NodeInARow[] {
  return WAYS.map((way) =>
    baseten(`${format} ${way}`, {
      ...parameters,
      modelId: byId(modelId),
      requestFormat: way === 'auto' ? 'auto' : format,
    }),
  );
}

function baseten(name: string, parameters: Record<string, unknown>): NodeInARow {
  return {
    name,
    type: 'n8n-nodes-baseten.baseten',
    typeVersion: 1,
    parameters,
    credentials: { basetenWorkspaceApi: { id: 'baseten-demo', name: 'Baseten' } },
  };
}

const START: NodeInARow = {
  name: 'Start',
  type: 'n8n-nodes-base.manualTrigger',
  typeVersion: 1,
  parameters: {},
};

const FILE = {
  data: RECORDING.toString('base64'),
  mimeType: 'audio/mpeg',
  fileName: 'talk.mp3',
};
const RECORDINGS: NodeInARow = {
  name: 'Recording',
  type: 'n8n-nodes-base.code',
  typeVersion: 2,
  parameters: { jsCode: `return [{ json: {}, binary: { data: ${JSON.stringify(FILE)} } }];` },
};
