import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

import type { RecordedRequest } from '../../emulator';

interface Response {
  $ref?: string;
  content?: Record<string, object>;
}

interface Operation {
  parameters?: Array<{ name: string; schema: { type?: string } }>;
  requestBody?: unknown;
  responses: Record<string, Response>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { responses?: Record<string, Response> };
}

/** A response, and the operation that it belongs to. */
interface Answered {
  /** The path as the document writes it, with its parameters in braces. */
  template: string;
  method: string;
  status: number;
  json: unknown;
}

/** An OpenAPI document of Baseten's. Its schemas are compiled when they are needed first. */
export class ApiDocument {
  readonly paths: Document['paths'];
  private readonly components: Document['components'];
  private readonly ajv = new Ajv({ strict: false, allErrors: true });
  /** Values of a query are text. */
  private readonly textAjv = new Ajv({ strict: false, coerceTypes: true });
  private readonly routes: Array<{ pattern: RegExp; template: string }>;

  constructor(file: string) {
    const document = JSON.parse(readFileSync(file, 'utf8')) as Document;
    this.paths = document.paths;
    this.components = document.components;
    for (const ajv of [this.ajv, this.textAjv]) {
      addFormats(ajv);
      ajv.addSchema(document, 'document');
    }
    // A fixed part of a path wins over one that is filled in.
    const holes = (template: string) => template.split('{').length;
    this.routes = Object.keys(this.paths)
      .sort((one, other) => holes(one) - holes(other))
      .map((template) => ({
        pattern: new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`),
        template,
      }));
  }

  /** The path of a request as the document writes it; undefined if that has no such route. */
  templateOf(path: string): string | undefined {
    return this.routes.find(({ pattern }) => pattern.test(path))?.template;
  }

  /**
   * How a request differs from what the document says; empty if it does not.
   * @param path of the request, as the document counts it
   */
  ofRequest(request: RecordedRequest, path: string): string {
    const { method, search, rawBody } = request;
    const template = this.templateOf(path);
    const operation = template && this.paths[template]?.[method.toLowerCase()];
    if (!template || !operation) return `The document has no ${method} ${path}.`;
    const pointer = pointerTo(template, method);
    for (const [name, value] of new URLSearchParams(search)) {
      const index = operation.parameters?.findIndex((each) => each.name === name) ?? -1;
      const isList = operation.parameters?.[index]?.schema.type === 'array';
      const schema = `${pointer}/parameters/${index}/schema${isList ? '/items' : ''}`;
      if (index < 0 || this.check(schema, value, this.textAjv) !== '')
        return `${method} ${path} does not take ${name}=${value}.`;
    }
    if (!operation.requestBody) return rawBody.length > 0 ? `${method} ${path} has no body.` : '';
    const wrong = this.check(`${pointer}/requestBody${JSON_SCHEMA}`, request.json());
    return wrong && `${method} ${path} with ${rawBody.toString()}: ${wrong}`;
  }

  /** How a response differs from what the document says; empty if it does not. */
  ofResponse({ template, method, status, json }: Answered): string {
    const stated = this.paths[template]?.[method.toLowerCase()]?.responses[String(status)];
    if (!stated) return `The document has no response ${status} for ${method} ${template}.`;
    const response = stated.$ref
      ? this.components.responses?.[stated.$ref.split('/').at(-1) ?? '']
      : stated;
    if (!response?.content?.['application/json']) return '';
    const pointer = stated.$ref
      ? `document${stated.$ref}`
      : `${pointerTo(template, method)}/responses/${status}`;
    const wrong = this.check(`${pointer}${JSON_SCHEMA}`, json);
    return wrong && `${status} of ${method} ${template}: ${wrong}`;
  }

  /** What is wrong with a value by a schema of the document; empty if nothing is. */
  private check(pointer: string, value: unknown, ajv = this.ajv): string {
    const validate = ajv.getSchema(pointer);
    if (!validate) throw new Error(`The document has no ${pointer}`);
    return validate(value) ? '' : ajv.errorsText(validate.errors);
  }
}

const JSON_SCHEMA = '/content/application~1json/schema';

function pointerTo(template: string, method: string): string {
  const key = encodeURIComponent(template.replaceAll('~', '~0').replaceAll('/', '~1'));
  return `document#/paths/${key}/${method.toLowerCase()}`;
}
