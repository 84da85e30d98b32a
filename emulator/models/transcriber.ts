import { type Handler, type ModelCall, inputObject, json, modelError } from './model';

interface Audio {
  bytes: Buffer;
  type: string;
}

/**
 * Audio as raw bytes, as the first file of a form, or as base64 or a data URL in `audio` of a JSON
 * body → `{text, language, bytes, content_type}`, after `transcribeMs`. What the audio says does
 * not matter.
 */
export const transcriber =
  (transcribeMs: number): Handler =>
  async (call) => {
    const audio = await audioOf(call);
    if (!audio)
      return modelError(422, 'No audio: send bytes, a file in a form, or base64 in "audio".');
    await call.clock.sleep(transcribeMs, call.signal);
    const size = audio.bytes.length;
    return json({
      text: `Simulated transcript of ${size} bytes of ${audio.type}.`,
      language: 'en',
      bytes: size,
      content_type: audio.type,
    });
  };

async function audioOf(call: ModelCall): Promise<Audio | undefined> {
  if (call.contentType === 'application/json') {
    const { audio } = inputObject(call);
    return typeof audio === 'string' && audio ? decode(audio) : undefined;
  }
  if (call.contentType === 'multipart/form-data') {
    const file = (await call.form()).find((part) => 'bytes' in part);
    return file && 'bytes' in file ? { bytes: file.bytes, type: file.contentType } : undefined;
  }
  return { bytes: call.body, type: call.contentType || 'application/octet-stream' };
}

function decode(text: string): Audio {
  const dataUrl = /^data:([^;,]+);base64,(.*)$/s.exec(text);
  const type = dataUrl?.[1] ?? 'application/octet-stream';
  return { bytes: Buffer.from(dataUrl?.[2] ?? text, 'base64'), type };
}
