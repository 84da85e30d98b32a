import { type Handler, type ModelAnswer, type ModelCall, bytes, isObject, json } from './model';

/**
 * Gives back what it got: JSON as the same JSON, bytes as the same bytes, a form as a list of its fields and
 * files. A `delay_ms` in the JSON makes it take that long.
 */
export const echo: Handler = (call) => {
  if (call.contentType === 'multipart/form-data') return describeForm(call);
  const contentType =
    (call.headers['content-type'] as string | undefined) ?? 'application/octet-stream';
  const answer = bytes(call.body, contentType);
  // Looks for the field before parsing: this model is what benchmarks call.
  if (call.contentType !== 'application/json' || !call.body.includes('"delay_ms"')) return answer;
  const input = call.json();
  const delay = isObject(input) ? Number(input.delay_ms) : NaN;
  return delay > 0 ? call.clock.sleep(delay, call.signal).then(() => answer) : answer;
};

async function describeForm(call: ModelCall): Promise<ModelAnswer> {
  const parts = await call.form();
  const fields: Record<string, string> = {};
  const files: object[] = [];
  for (const part of parts) {
    if ('value' in part) fields[part.name] = part.value;
    else {
      const { name, fileName, contentType } = part;
      files.push({
        field: name,
        file_name: fileName,
        content_type: contentType,
        size: part.bytes.length,
      });
    }
  }
  return json({ fields, files });
}
