import { toModelChoices } from '../../../../nodes/shared/parameters/modelChoices';

const nameOf = (model: object) =>
  toModelChoices({ data: [{ id: 'org/model', ...model }] })?.[0]?.name;

test('a model is shown by its name and context length, and chosen by its ID', () => {
  const response = {
    data: [{ id: 'deepseek-ai/DeepSeek-V3.1', name: 'DeepSeek V3.1', context_length: 163_840 }],
  };
  expect(toModelChoices(response)).toStrictEqual([
    { name: 'DeepSeek V3.1 · 164K context', value: 'deepseek-ai/DeepSeek-V3.1' },
  ]);
});

test.each([
  ['nothing more', {}, 'org/model'],
  ['an empty name', { name: ' ' }, 'org/model'],
  ['vLLM’s length', { max_model_len: 32_768 }, 'org/model · 33K context'],
  ['a length in the metadata', { metadata: { context_length: 8192, name: 'M' } }, 'M · 8K context'],
  ['a length as text', { context_length: '4096' }, 'org/model · 4K context'],
  ['a million', { context_length: 1_048_576 }, 'org/model · 1M context'],
  ['half a million more', { context_length: 1_500_000 }, 'org/model · 1.5M context'],
  ['very little', { context_length: 512 }, 'org/model · 512 context'],
  ['no length', { context_length: null, max_model_len: 0 }, 'org/model'],
  ['a length that is not a number', { context_length: true, max_model_len: [5] }, 'org/model'],
  ['an endless length', { context_length: 'Infinity' }, 'org/model'],
])('a list with %s is understood', (_name, model, expected) => {
  expect(nameOf(model)).toBe(expected);
});

test('entries without an ID are left out', () => {
  expect(toModelChoices({ data: [null, {}, { id: 7 }, { id: '' }] })).toStrictEqual([]);
});

const NO_LISTS = [undefined, null, [], {}, { data: 'x' }, { data: null }, { data: {} }];
test.each(NO_LISTS.map((response) => [response]))('%j is no list of models', (response) => {
  expect(toModelChoices(response)).toBeUndefined();
});
