import type { IBinaryData, IDataObject } from 'n8n-workflow';

import { drawPng } from '../../../../emulator/models/image';

import { moveFiles, toPaths } from '../../../../nodes/shared/payload/jsonFiles';

type Settings = Partial<Parameters<typeof moveFiles>[1]>;

const prepareBinaryData = async (content: Buffer, fileName?: string, type?: string) =>
  ({ data: content.toString('base64'), mimeType: type ?? 'image/png', fileName }) as IBinaryData;

/** Moves files, and says which paths held none. */
async function move(json: IDataObject, paths: string, more: Settings = {}) {
  const left: string[] = [];
  const before = structuredClone(json);
  const settings = { base64Fields: toPaths(paths), base64ToFiles: false, ...more };
  const onNoFile = (path: string) => left.push(path);
  const item = await moveFiles(json, { ...settings, onNoFile }, { prepareBinaryData } as never);
  expect(json).toEqual(before);
  const files = Object.entries(item.binary ?? {}).map(([name, { data, fileName }]) => [
    name,
    Buffer.from(data, 'base64').toString(),
    fileName,
  ]);
  return { json: item.json, files, left };
}

test('a field that holds no file stays, and the others are moved', async () => {
  expect(await move({ a: 'done', b: 'aGk=', c: '', d: null, e: 5 }, 'a, b, c, d, e, f')).toEqual({
    json: { a: 'done', b: { file: 'b' }, c: '', d: null, e: 5 },
    files: [['b', 'hi', 'b.png']],
    left: ['a', 'c', 'e'],
  });
});

test('a list of files is moved as a whole, or what of it is a file', async () => {
  expect(await move({ images: ['YQ==', 'data:image/png;base64,Yg=='] }, 'images')).toEqual({
    json: { images: [{ file: 'images' }, { file: 'images_2' }] },
    files: [
      ['images', 'a', 'images.png'],
      ['images_2', 'b', 'images_2.png'],
    ],
    left: [],
  });
  expect(await move({ images: ['YQ==', 'done'], none: [] }, 'images, none')).toEqual({
    json: { images: [{ file: 'images' }, 'done'], none: [] },
    files: [['images', 'a', 'images.png']],
    left: ['images'],
  });
});

test('fields named like those that every object has are files like any other', async () => {
  expect(await move({ toString: 'aGk=', valueOf: 'done' }, 'toString, valueOf')).toEqual({
    json: { toString: { file: 'toString' }, valueOf: 'done' },
    files: [['toString', 'hi', 'toString.png']],
    left: ['valueOf'],
  });
});

test('one file is called as the user says, several get a number', async () => {
  const settings = { fileName: 'fox.png' };
  expect((await move({ a: 'YQ==' }, 'a', settings)).files).toEqual([['a', 'a', 'fox.png']]);
  expect((await move({ a: ['YQ==', 'Yg=='] }, 'a', settings)).files).toEqual([
    ['a', 'a', 'fox-1.png'],
    ['a_2', 'b', 'fox-2.png'],
  ]);
  expect((await move({ a: ['YQ==', 'Yg=='] }, 'a', { fileName: 'fox' })).files).toEqual([
    ['a', 'a', 'fox-1'],
    ['a_2', 'b', 'fox-2'],
  ]);
});

test('paths may start inside a field', async () => {
  const settings = { inside: 'data' };
  expect((await move({ data: { a: 'YQ==' } }, 'a', settings)).json).toEqual({
    data: { a: { file: 'a' } },
  });
  expect((await move({ data: { a: 'YQ==' } }, 'data.a', settings)).json).toEqual({
    data: { a: { file: 'a' } },
  });
});

describe('files that are found by their bytes', () => {
  const auto: Settings = { base64ToFiles: true };
  const png = drawPng('fox', 4, 4).toString('base64');

  test('a file is called like its field, and the field says where it went', async () => {
    const { json, files } = await move({ image: png, seed: 7 }, '', auto);
    expect(json).toEqual({ image: { file: 'image' }, seed: 7 });
    expect(files.map(([property, , fileName]) => [property, fileName])).toEqual([
      ['image', 'image.png'],
    ]);
  });

  test('files of a list have the name of the list, files without a name are called data', async () => {
    const settings = { ...auto, inside: 'data' };
    const list = await move({ data: [png, png, 'seed'] }, '', settings);
    expect(list.json).toEqual({ data: [{ file: 'data' }, { file: 'data_2' }, 'seed'] });
    expect((await move({ data: png }, '', settings)).json).toEqual({ data: { file: 'data' } });
    const comfy = await move({ result: [{ data: png }, { data: png, node: 9 }] }, '', auto);
    expect(comfy.json).toEqual({
      result: [{ data: { file: 'data' } }, { data: { file: 'data_2' }, node: 9 }],
    });
  });

  test('only the answer is looked at, not what stands beside it', async () => {
    const settings = { ...auto, inside: 'data' };
    const { json } = await move({ data: { a: png }, metadata: { b: png } }, '', settings);
    expect(json).toEqual({ data: { a: { file: 'a' } }, metadata: { b: png } });
  });

  test('a field that is named is moved once, and keeps its place in the order', async () => {
    const { json, files } = await move({ zip: 'aGk=', image: png }, 'zip, image', auto);
    expect(json).toEqual({ zip: { file: 'zip' }, image: { file: 'image' } });
    expect(files).toHaveLength(2);
  });

  test('a name that JavaScript keeps for itself is left alone', async () => {
    const json = JSON.parse(`{"__proto__": "${png}", "constructor": {"a": "${png}"}}`);
    expect((await move(json, '', auto)).files).toEqual([]);
  });
});
