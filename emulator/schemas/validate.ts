import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { badRequest } from '../http/refusal';

const ajv = new Ajv({ allErrors: false, allowUnionTypes: true });
addFormats(ajv);

/**
 * Compiles a JSON Schema to a check. The check returns a valid value, and throws a 400 `Refusal`
 * that says what is wrong and where for any other. `what` names the value in that message.
 */
export function checker<T>(schema: object, what: string): (value: unknown) => T {
  const validate: ValidateFunction<T> = ajv.compile<T>(schema);
  return (value) => {
    if (validate(value)) return value;
    throw badRequest(`Invalid ${what}: ${explain(validate.errors ?? [])}`);
  };
}

function explain(errors: ErrorObject[]): string {
  const error = errors[errors.length - 1];
  if (!error) return 'it does not match the schema.';
  const where = error.instancePath.slice(1).replaceAll('/', '.') || 'the body';
  const extra = (error.params as { additionalProperty?: string }).additionalProperty;
  return extra === undefined
    ? `${where} ${error.message}.`
    : `${where} has an unknown field "${extra}".`;
}
