import { mediaTypeOf, typeOfBytes } from '../../../../nodes/shared/payload/fileSignatures';
import { MEDIA_FILES } from '../../../support/mediaFiles';

test.each<[string, string | undefined]>([
  ['\x89PNG\r\n\x1a\n\0\0\0\0', 'image/png'],
  ['RIFF\0\0\0\0WAVEfmt ', 'audio/wav'],
  ['RIFF\0\0\0\0WEBPVP8 ', 'image/webp'],
  ['\0\0\0\x18ftypmp42', 'video/mp4'],
  ['%PDF-1.7 and more', 'application/pdf'],
  ['%PDF', undefined],
  ['BM', undefined],
  ['just some text', undefined],
])('the bytes %j are of type %s', (bytes, type) => {
  expect(typeOfBytes(Buffer.from(bytes, 'latin1'))).toBe(type);
});

test.each(MEDIA_FILES)('$name is $type', ({ content, type }) => {
  expect(mediaTypeOf(content)).toBe(type);
});

test.each(MEDIA_FILES)('$name is not recognised if only its first 20 bytes are there', (file) => {
  expect(mediaTypeOf(file.content.subarray(0, 20))).toBeUndefined();
});

test.each<[string, string]>([
  ['two letters of a bitmap', 'BM and then a text that goes on for a while'],
  ['the name of a tag', 'ID3 is a way to put words into recordings, they say'],
  ['a frame without another one behind it', `\xff\xfb\x90\0${'\0'.repeat(2000)}`],
  ['a picture without segments', `\xff\xd8\xff\xe0\0\x10JFIF\0${'\0'.repeat(100)}`],
  ['a box of no kind', `\0\0\0\x18ftyp\0\0\0\0${'\0'.repeat(50)}`],
  ['an archive', `PK\x03\x04${'\0'.repeat(50)}`],
  ['a page', '<!doctype html><svg></svg> and so on'],
])('%s is no media file', (_, bytes) => {
  expect(mediaTypeOf(Buffer.from(bytes, 'latin1'))).toBeUndefined();
});
