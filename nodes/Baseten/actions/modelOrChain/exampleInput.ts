import type { Owner, Target } from '../../../shared/connection/endpoints';
import { BasetenError } from '../../../shared/errors/basetenError';
import { isRecord } from '../../../shared/json';
import { knowledgeOf } from '../../../shared/knowledge/modelKnowledge';
import type { ItemCall } from '../operation';
import type { InputMode } from '../parameters/inputModes';

/** Statuses by which a model says that its input is wrong. */
const REFUSED = [400, 422];

/** Milliseconds that an error waits for the example. */
const PATIENCE_MS = 5000;

/** An example of more characters helps nobody in an error. */
const LONGEST_EXAMPLE = 4000;
/** Texts in it are cut to so many characters, and lists to so many entries. */
const LONGEST_TEXT = 200;
const LONGEST_LIST = 3;
const DEEPEST = 8;

/** A call that failed. */
interface RefusedCall {
  call: ItemCall;
  owner: Owner;
  target: Target;
  /** Where the input came from. */
  mode: InputMode;
}

/**
 * Adds the model's own example to the error of an input that the model refused, if a person writes
 * the input as JSON: the model's words alone often don't say what it would take.
 * @param error what the call failed with, of any kind
 * @returns the error with the example, or as it is
 */
export async function withExampleInput(
  error: unknown,
  { call, owner, target, mode }: RefusedCall,
): Promise<unknown> {
  const isRefused = error instanceof BasetenError && REFUSED.includes(error.status ?? 0);
  if (!isRefused || mode !== 'json' || owner.kind !== 'model') return error;
  const exampleInput = await readExample(call, owner, target);
  return exampleInput === undefined
    ? error
    : new BasetenError(error.message, { ...error, exampleInput });
}

async function readExample(
  { context, connection, signal }: ItemCall,
  owner: Owner,
  target: Target,
): Promise<unknown> {
  try {
    const { example } = await knowledgeOf({
      context,
      connection,
      modelId: owner.id,
      target,
      maxRetries: 0,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    const shown = shortened(isRecord(example) ? withoutStream(example) : example);
    return (JSON.stringify(shown)?.length ?? 0) <= LONGEST_EXAMPLE ? shown : undefined;
  } catch {
    // The error itself says what matters.
    return undefined;
  }
}

/** A streamed response is not what somebody wants who pastes the example. */
function withoutStream({ stream: _stream, ...fields }: Record<string, unknown>) {
  return fields;
}

/** A copy that still is JSON, for recordings and images in examples are long. */
function shortened(value: unknown, depth = 0): unknown {
  if (typeof value === 'string')
    return value.length <= LONGEST_TEXT ? value : `${value.slice(0, LONGEST_TEXT)}…`;
  if (typeof value !== 'object' || value === null || depth >= DEEPEST) return value;
  if (Array.isArray(value))
    return value.slice(0, LONGEST_LIST).map((entry) => shortened(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, shortened(entry, depth + 1)]),
  );
}
