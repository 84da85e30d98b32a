import type { IBinaryData, IDataObject } from 'n8n-workflow';

import {
  moveBase64,
  toPaths,
  type MoveSettings,
} from '../../../../nodes/shared/payload/base64Fields';

const prepareBinaryData = async (content: Buffer, fileName?: string, type?: string) =>
  ({ data: content.toString('base64'), mimeType: type ?? 'image/png', fileName }) as IBinaryData;

/** Moves files, and says which paths held none. */
async function move(json: IDataObject, paths: string, settings: MoveSettings = {}) {
  const left: string[] = [];
  const before = structuredClone(json);
  const item = await moveBase64(json, toPaths(paths), { prepareBinaryData } as never, {
    onNoFile: (path) => left.push(path),
    ...settings,
  });
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
    json: { a: 'done', c: '', d: null, e: 5 },
    files: [['b', 'hi', 'b.png']],
    left: ['a', 'c', 'e'],
  });
});

test('a list of files is moved as a whole, or what of it is a file', async () => {
  expect(await move({ images: ['YQ==', 'data:image/png;base64,Yg=='] }, 'images')).toEqual({
    json: {},
    files: [
      ['images', 'a', 'images.png'],
      ['images_2', 'b', 'images_2.png'],
    ],
    left: [],
  });
  expect(await move({ images: ['YQ==', 'done'], none: [] }, 'images, none')).toEqual({
    json: { images: [null, 'done'], none: [] },
    files: [['images', 'a', 'images.png']],
    left: ['images'],
  });
});

test('fields named like those that every object has are files like any other', async () => {
  expect(await move({ toString: 'aGk=', valueOf: 'done' }, 'toString, valueOf')).toEqual({
    json: { valueOf: 'done' },
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
  expect((await move({ data: { a: 'YQ==' } }, 'a', settings)).json).toEqual({ data: {} });
  expect((await move({ data: { a: 'YQ==' } }, 'data.a', settings)).json).toEqual({
    data: {},
  });
});
