import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

import type { Emulator } from '../../emulator';

/** Path of Baseten's own document of the management API, which is not part of this project. */
const DOCUMENT = process.env.BASETEN_MANAGEMENT_OPENAPI;
const checkRequest = DOCUMENT ? requestCheck(DOCUMENT) : undefined;

/**
 * Compares requests that the emulator took with Baseten's document, if it is there.
 * @returns what is wrong with them
 */
export function faultsOf(requests: Emulator['requests']): string[] {
  if (!checkRequest) return [];
  return requests.filter(({ status = 0 }) => status < 400).flatMap(checkRequest);
}

interface Parameter {
  name: string;
  in: string;
  schema: object;
}

interface Document {
  paths: Record<
    string,
    Record<
      string,
      { parameters?: Parameter[]; requestBody?: { content: Record<string, { schema: object }> } }
    >
  >;
  components: object;
}

interface Recorded {
  method: string;
  path: string;
  search: string;
  rawBody: Buffer;
  json(): unknown;
}

/** Makes a check of what was asked for against Baseten's document. It returns what is wrong. */
function requestCheck(file: string): (request: Recorded) => string[] {
  const document = JSON.parse(readFileSync(file, 'utf8')) as Document;
  const ajv = new Ajv({ strict: false, coerceTypes: true });
  addFormats(ajv);
  const check = (schema: object, value: unknown) =>
    ajv.validate({ ...schema, components: document.components }, value);
  const routes = Object.entries(document.paths).map(([template, operations]) => ({
    // A fixed part of a path wins over one that is filled in.
    pattern: new RegExp(`^/management${template.replace(/\{\w+\}/g, '[^/]+')}$`),
    holes: template.split('{').length,
    operations,
  }));
  routes.sort((one, other) => one.holes - other.holes);
  return (request) => {
    const { method, path, search, rawBody } = request;
    if (!path.startsWith('/management/')) return [];
    const route = routes.find(({ pattern }) => pattern.test(path));
    const operation = route?.operations[method.toLowerCase()];
    if (!operation) return [`${method} ${path} is not in the document`];
    const faults: string[] = [];
    for (const [name, value] of new URLSearchParams(search)) {
      const parameter = operation.parameters?.find((each) => each.name === name);
      const schema = parameter?.schema as { type?: string; items?: object } | undefined;
      const one = schema?.type === 'array' ? schema.items : schema;
      if (!one || !check({ anyOf: [one] }, value)) faults.push(`${path}: ${name}=${value}`);
    }
    const schema = operation.requestBody?.content['application/json']?.schema;
    if (schema && !check(schema, request.json())) faults.push(`${path}: ${rawBody.toString()}`);
    if (!schema && rawBody.length > 0) faults.push(`${path} takes no body`);
    return faults;
  };
}
