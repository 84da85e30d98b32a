import { type Handler, type ModelResponse, type ModelCall, bytes, isObject, json } from './model';

/**
 * Returns its input: JSON as the same JSON, bytes as the same bytes, a form as a list of its fields
 * and files. With a `delay_ms` in the JSON, it takes that long.
 */
export const echo: Handler = (call) => {
  if (call.contentType === 'multipart/form-data') return describeForm(call);
  const contentType =
    (call.headers['content-type'] as string | undefined) ?? 'application/octet-stream';
  const response = bytes(call.body, contentType);
  // Benchmarks call this model, so it parses only if the field can be there.
  if (call.contentType !== 'application/json' || !call.body.includes('"delay_ms"')) return response;
  const input = call.json();
  const delay = isObject(input) ? Number(input.delay_ms) : NaN;
  return delay > 0 ? call.clock.sleep(delay, call.signal).then(() => response) : response;
};

async function describeForm(call: ModelCall): Promise<ModelResponse> {
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
