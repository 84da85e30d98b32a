import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { json, MODEL_IDS, type ModelCall } from '../../emulator';
import { runBaseten, type NodeRun } from '../../host/n8n/engine';
import { runStreaming } from '../support/chatStreaming';
import { credentialFor, useEmulator } from '../support/emulator';
import { binaryItem, byId, chat } from '../support/parameters';

const emulator = useEmulator();
const run = async (parameters: INodeParameters, more: Partial<NodeRun> = {}) =>
  await runBaseten({
    credential: credentialFor(emulator()),
    parameters: chat(parameters),
    ...more,
  });
const chats = () => emulator().requests.filter(({ path }) => path.endsWith('/chat/completions'));
const lastBody = () => chats().at(-1)?.json() as IDataObject;

/** A server of one's own that answers every chat with this text. */
function serverThatSays(id: string, content: string, names: string[] = [id]) {
  const asked: string[] = [];
  const server = (call: ModelCall) => {
    asked.push(call.route);
    if (call.route === '/v1/models') return json({ data: names.map((name) => ({ id: name })) });
    const { model } = JSON.parse(String(call.body)) as { model: string };
    if (!names.includes(model)) {
      const message = `The model ${model} does not exist.`;
      return { ...json({ object: 'error', message, code: 404 }), status: 404 };
    }
    const message = { role: 'assistant', content };
    return json({ model, choices: [{ index: 0, message, finish_reason: 'stop' }] });
  };
  emulator().addModel({ id, name: id, handler: () => ({ body: '' }), server });
  const deployment: INodeParameters = {
    source: 'deployment',
    modelId: byId(id),
    model: byId(''),
  };
  return { deployment, asked };
}

describe('a choice', () => {
  const options = { responseFormat: 'choice', choices: 'positive, negative , neutral,' };

  test('is asked for with a schema, and comes back as a bare label', async () => {
    const { items } = await run({ options });
    const enumeration = ['positive', 'negative', 'neutral'];
    expect(lastBody().response_format).toStrictEqual({
      type: 'json_schema',
      json_schema: {
        name: 'choice',
        strict: true,
        schema: {
          type: 'object',
          properties: { choice: { type: 'string', enum: enumeration } },
          required: ['choice'],
          additionalProperties: false,
        },
      },
    });
    const { choice, content, json: parsed } = items[0]?.json ?? {};
    expect(enumeration).toContain(choice);
    expect([content, parsed]).toStrictEqual([choice, undefined]);
  });

  test('goes into the field that the user names', async () => {
    const { items } = await run({ options: { ...options, outputField: 'label' } });
    expect(items[0]?.json).toStrictEqual({ label: expect.stringMatching(/^(posi|nega|neu)/) });
  });

  test('streams as the label alone', async () => {
    const { items, texts } = await runStreaming({
      credential: credentialFor(emulator()),
      parameters: chat({ options }),
    });
    expect(texts).toStrictEqual([items[0]?.json.choice]);
  });

  test.each([
    ['bare', 'negative', 'negative'],
    ['in other letters', ' **Negative.**\n', 'negative'],
    ['as JSON text', '"neutral"', 'neutral'],
    ['in a block of code', '```json\n{"choice": "positive"}\n```', 'positive'],
    ['behind thoughts', '<think>positive?</think>{"choice": "neutral"}', 'neutral'],
  ])('is read from a server that writes it %s', async (name, said, expected) => {
    const { deployment } = serverThatSays(`says${name.length}`, said);
    expect((await run({ ...deployment, options })).items[0]?.json.choice).toBe(expected);
  });

  test.each([
    ['1.0', '2.0, 1.0', '1.0'],
    ['{"choice": "1.0"}', '2.0, 1.0', '1.0'],
    ['**5.50**', '5.5, 5.50', '5.50'],
  ])('may be a number: %s', async (said, choices, expected) => {
    const { deployment } = serverThatSays(`says${said.length}number`, said);
    const { items } = await run({ ...deployment, options: { ...options, choices } });
    expect(items[0]?.json.choice).toBe(expected);
  });

  test('is none if the answer is empty, though a label is a mark alone', async () => {
    const { deployment } = serverThatSays('saysnothing', ' ');
    const { error } = await run({ ...deployment, options: { ...options, choices: '!, ok' } });
    expect(error?.message).toMatch(/ is empty, and none of the choices$/);
  });

  test('that is none of the labels is an error with the answer', async () => {
    const { deployment } = serverThatSays('saysnone', 'Hard to say.');
    const { error } = await run({ ...deployment, options });
    expect(error?.message).toMatch(/is none of the choices$/);
    expect(error?.description).toMatch(/positive, negative, neutral\.\nIt was: Hard to say\./);
  });

  test('needs labels', async () => {
    const { error } = await run({ options: { responseFormat: 'choice', choices: ' , ' } });
    expect(error?.message).toBe('Choices is empty');
    expect(chats()).toHaveLength(0);
  });
});

test('an answer that the server itself broke off has a hint', async () => {
  const half = { role: 'assistant', content: 'Half of an' };
  const choices = [{ index: 0, message: half, finish_reason: 'timeout' }];
  const server = () => json({ model: 'm', choices });
  emulator().addModel({ id: 'breaks', name: 'breaks', handler: () => ({ body: '' }), server });
  const { items, run: execution } = await run({
    source: 'deployment',
    modelId: byId('breaks'),
    model: byId('m'),
  });
  expect(items[0]?.json).toMatchObject({ content: 'Half of an', finishReason: 'timeout' });
  expect(execution.data.resultData.runData.Baseten?.[0]?.hints).toMatchObject([
    {
      type: 'warning',
      message: expect.stringMatching(/^The server broke off the answer for item 0/),
    },
  ]);
});

describe('files of a message', () => {
  const wav = Buffer.from('RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1');
  const withFile = (field: string, value: string, more: INodeParameters = {}) => ({
    promptType: 'messages',
    messages: { message: [{ role: 'user', content: 'Listen', [field]: value }] },
    ...more,
  });

  test.each([
    ['its type', binaryItem('talk', Buffer.from('ID3 and more bytes'), 'audio/mpeg'), 'mp3'],
    ['its bytes', binaryItem('talk', wav, 'application/octet-stream'), 'wav'],
  ])('are audio by %s', async (_name, item, format) => {
    const { error } = await run(withFile('audioBinaryProperties', 'talk'), { items: [item] });
    expect(error).toBeUndefined();
    expect((lastBody().messages as IDataObject[])[0]?.content).toStrictEqual([
      { type: 'text', text: 'Listen' },
      { type: 'input_audio', input_audio: { data: item.binary?.talk?.data, format } },
    ]);
  });

  test('can be audio at an address, which the node downloads', async () => {
    const host = emulator().deploymentUrl.replace('{kind}', 'model').replace('{id}', 'radio');
    emulator().addModel({
      id: 'radio',
      name: 'radio',
      handler: () => ({ body: '' }),
      server: () => ({ headers: { 'content-type': 'audio/wav' }, body: wav }),
    });
    // The emulator wants a key, which a link does not have: a data URL is the same to the model.
    const { error } = await run(withFile('audioBinaryProperties', `${host}/sync/talk.wav`));
    expect(error?.message).toMatch(/^The audio could not be downloaded from 127\.0\.0\.1:\d+: /);
    const url = `data:audio/wav;base64,${wav.toString('base64')}`;
    expect((await run(withFile('audioBinaryProperties', url))).error).toBeUndefined();
    expect(JSON.stringify(lastBody().messages)).toContain(wav.toString('base64'));
  });

  test.each([
    [
      'audio/ogg',
      'OggS\0 and more bytes',
      'The audio in "talk" is audio/ogg, which chat does not take',
    ],
    [
      'text/plain',
      'words and more words',
      'The binary data in "talk" is not audio: its type is text/plain',
    ],
  ])('that chat does not take are an error: %s', async (type, bytes, message) => {
    const item = binaryItem('talk', Buffer.from(bytes), type);
    const { error } = await run(withFile('audioBinaryProperties', 'talk'), { items: [item] });
    expect(error?.message).toBe(message);
    expect(chats()).toHaveLength(0);
  });

  test('are videos on a deployment, as files or addresses', async () => {
    const { deployment } = serverThatSays('films', 'A film.');
    const item = binaryItem('clip', Buffer.from('clip'), 'video/mp4');
    const link = 'https://example.com/walk.mp4';
    await run(withFile('videoBinaryProperties', `clip, ${link}`, deployment), { items: [item] });
    expect((lastBody().messages as IDataObject[])[0]?.content).toStrictEqual([
      { type: 'text', text: 'Listen' },
      {
        type: 'video_url',
        video_url: { url: `data:video/mp4;base64,${item.binary?.clip?.data}` },
      },
      { type: 'video_url', video_url: { url: link } },
    ]);
  });

  test('must fit into a request together', async () => {
    const item = binaryItem('data', Buffer.alloc(40_000_000), 'image/png');
    const { error } = await run(withFile('imageBinaryProperties', 'data, data'), { items: [item] });
    expect(error?.message).toBe('The files of the messages are too large to be sent');
    expect(chats()).toHaveLength(0);
  });
});

describe('the cost of an answer', () => {
  const options = { includeCost: true };

  test('is in its usage, by the workspace’s prices, which are asked for once', async () => {
    emulator().addModelApi({ name: 'shop/priced', inputPrice: 0.13, outputPrice: 0.5 });
    const items = [{ json: {} }, { json: {} }, { json: {} }];
    const done = await run({ model: byId('shop/priced'), options }, { items });
    for (const { json: answer } of done.items) {
      const usage = answer.usage as Record<string, number>;
      const millionths = 13 * (usage.prompt_tokens ?? 0) + 50 * (usage.completion_tokens ?? 0);
      expect(usage.cost).toBeCloseTo(millionths / 1e8, 15);
    }
    const asked = emulator().requests.filter(({ path }) => path.endsWith('/model_apis'));
    expect(asked.length).toBeLessThanOrEqual(1);
  });

  test('is left out if the key may not read prices', async () => {
    const credential = credentialFor(emulator(), { apiKey: 'emulator-inference-only-key' });
    const { items, error } = await run({ options }, { credential });
    expect(error).toBeUndefined();
    expect(items[0]?.json.usage).not.toHaveProperty('cost');
  });

  test('is left out for a deployment', async () => {
    const deployment = { source: 'deployment', modelId: byId(MODEL_IDS.llm) };
    const { items } = await run({ ...deployment, model: byId('baseten'), options });
    expect(items[0]?.json.usage).not.toHaveProperty('cost');
  });
});

describe('the name under which a deployment serves its model', () => {
  test('is asked once a run if none is given', async () => {
    const { deployment, asked } = serverThatSays('ownname', 'Hi.', ['org/own-name', 'other']);
    const items = Array.from({ length: 5 }, () => ({ json: {} }));
    const done = await run(deployment, { items });
    expect(done.items.map(({ json: answer }) => answer.model)).toStrictEqual(
      Array(5).fill('org/own-name'),
    );
    expect(asked.filter((route) => route === '/v1/models')).toHaveLength(1);
  });

  test('is listed if another one was given', async () => {
    const { deployment } = serverThatSays('wrongname', 'Hi.', ['org/own-name', 'other']);
    const { error } = await run({ ...deployment, model: byId('nobody') });
    expect(error?.httpCode).toBe('404');
    expect(error?.description).toContain(
      'The deployment’s server knows no model "nobody". It serves: org/own-name, other.',
    );
  });
});

test('parsed JSON goes into the field that the user names, simplified or not', async () => {
  const options = { responseFormat: 'json_object', outputField: 'answer' };
  for (const simplify of [true, false]) {
    const { items } = await run({ simplify, options });
    expect(items[0]?.json).toStrictEqual({
      answer: { answer: 'Simulated answer to "Hello".' },
    });
  }
});
