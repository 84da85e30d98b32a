import { isRecord } from '../json';
import { JsonProgress } from './jsonProgress';
import type { ChatToolCall } from './types';

/**
 * Reads the tool calls of a message or of a delta in any form that servers give them: a list, one
 * call, an object of calls, or calls without a `function` around name and arguments.
 */
export function toolCallsIn(value: unknown): Array<Record<string, unknown>> {
  const list = isRecord(value) ? (isCall(value) ? [value] : Object.values(value)) : value;
  return Array.isArray(list) ? list.filter(isRecord).map(withFunction) : [];
}

/**
 * Gives an ID to each call that has none, or that of another call, so that its result can name the
 * call.
 * @returns the calls, whose IDs are unique
 */
export function withIds<Call extends { id?: unknown }>(
  calls: Call[],
): Array<Call & { id: string }> {
  const given = new Set(calls.map(idOf));
  const taken = new Set(['']);
  const counts = new Map<string, number>();
  const freeLike = (start: string) => {
    let count = (counts.get(start) ?? 0) + 1;
    while (given.has(`${start}_${count}`)) count++;
    counts.set(start, count);
    return `${start}_${count}`;
  };
  return calls.map((call) => {
    const own = idOf(call);
    const id = taken.has(own) ? freeLike(own || 'call') : own;
    taken.add(own);
    return { ...call, id };
  });
}

/**
 * Puts the deltas of tool calls together. Servers disagree on what tells calls apart:
 * - An index or an ID that is known continues its call. An empty ID says nothing.
 * - Another ID at a taken index is a new call, if it has a name or the call so far is complete.
 * - The same ID with its name and other arguments is a new call, if the call so far is complete.
 * - Another name at a taken index, or without an index, is a new call. Before the arguments begin
 *   it is a piece of the name if the ID says so, or if no ID and nothing but a name came.
 * - A delta without index, ID and name continues the last call.
 */
export class ToolCallAssembly {
  private readonly calls: CallAssembly[] = [];
  private readonly byIndex = new Map<number, CallAssembly>();
  private readonly byId = new Map<string, CallAssembly>();
  private last: CallAssembly | undefined;

  /** Adds a delta of one call, as `toolCallsIn` gives it. */
  add(delta: Record<string, unknown>): void {
    const key = { index: indexOf(delta.index), id: idOf(delta), ...partOf(delta) };
    let call = this.find(key);
    if (!call) {
      call = new CallAssembly(key.index, this.last);
      this.calls.push(call);
      if (key.id !== '') this.byId.set(key.id, call);
    }
    if (key.index !== undefined) this.byIndex.set(key.index, call);
    if (key.id !== '' && !this.byId.has(key.id)) this.byId.set(key.id, call);
    call.add(delta, key);
    this.last = call;
  }

  /** The calls so far, in the order of their index if each has one, or as they came. */
  result(): ChatToolCall[] {
    const indexes = new Set(this.calls.map(({ index }) => index));
    const isOrdered = indexes.size === this.calls.length && !indexes.has(undefined);
    const calls = isOrdered
      ? [...this.calls].sort((a, b) => (a.index as number) - (b.index as number))
      : this.calls;
    return withIds(calls.filter((call) => !call.isRepeat).map((call) => call.result()));
  }

  private find(key: DeltaKey): CallAssembly | undefined {
    const byId = this.byId.get(key.id);
    // With a name, another ID of a call is the ID of a new one.
    const known = byId?.id === key.id || key.name === '' ? byId : undefined;
    if (key.index === undefined) {
      if (known) return key.name === '' ? known : continued(known, key);
      return this.last && continued(this.last, key);
    }
    const taken = this.byIndex.get(key.index);
    if (!taken) return key.name === '' ? known : undefined;
    if (known && known !== taken) return known;
    return continued(taken, key);
  }
}

/** Fields of the API. Servers add their own. */
const OWN_FIELDS = new Set(['index', 'id', 'type', 'function', 'custom']);

/** What a delta says about the call that it belongs to. */
interface DeltaKey extends DeltaPart {
  index: number | undefined;
  id: string;
}

/** The part of a delta that the model wrote. */
interface DeltaPart {
  name: string;
  /** JSON text or a piece of it, or an object; text of any kind for a custom tool. */
  input: unknown;
  isCustom: boolean;
}

/** @returns the call if the delta continues it; nothing if a new one begins */
function continued(call: CallAssembly, key: DeltaKey): CallAssembly | undefined {
  const { index, id, name, input, isCustom } = key;
  if (name === '' && isBlank(input)) return call;
  const isOther = id !== '' && call.id !== '' && id !== call.id;
  if (isOther) return name === '' && !call.isComplete ? call : undefined;
  if (name === '' || call.name === '') return call;
  const isSame = id !== '' && id === call.id;
  if (isSame) return isCustom || isBlank(input) || !call.isEndedBefore(input) ? call : undefined;
  // Some servers repeat the name in every delta, others send what there is of it so far.
  if (name !== call.name) return call.isNamePiece({ id, name, index }) ? call : undefined;
  const isNext = call.isComplete || (call.hasObject && isRecord(input));
  return isNext ? undefined : call;
}

class CallAssembly {
  id = '';
  name = '';
  private text = '';
  private object: Record<string, unknown> | undefined;
  private isCustom = false;
  private type = '';
  /** Whether any delta had arguments, be they empty. */
  private hasInput = false;
  /** Fields of the server's own. */
  private readonly more = Object.create(null) as Record<string, unknown>;
  private readonly progress = new JsonProgress();

  constructor(
    readonly index: number | undefined,
    private readonly before: CallAssembly | undefined,
  ) {}

  /** Whether it only repeats the name of the call before it. */
  get isRepeat(): boolean {
    const isEmpty = this.id === '' && !this.isBegun;
    return isEmpty && this.before?.isComplete === true && this.before.name === this.name;
  }

  /** Whether there are arguments. */
  get isBegun(): boolean {
    return this.object !== undefined || this.text.length > 0;
  }

  /** Whether arguments came as an object. */
  get hasObject(): boolean {
    return this.object !== undefined;
  }

  /** Whether a name of a delta is what there is of this call's name so far, or its next piece. */
  isNamePiece({ id, name, index }: Pick<DeltaKey, 'id' | 'name' | 'index'>): boolean {
    if (this.isBegun) return false;
    const isNameless = this.id === '' && index !== undefined && !this.hasInput;
    return name.startsWith(this.name) || (id === '' && (this.id !== '' || isNameless));
  }

  /**
   * Whether other arguments can't be a part of this call. An empty object may stand in front of
   * them, and arguments may be repeated.
   */
  isEndedBefore(input: unknown): boolean {
    const isRepeat = isRecord(input)
      ? JSON.stringify(input) === JSON.stringify(this.object)
      : input === this.text;
    return this.isComplete && this.text !== '{}' && !isRepeat;
  }

  /** Whether the arguments are whole JSON. */
  get isComplete(): boolean {
    const hasFields = this.object !== undefined && Object.keys(this.object).length > 0;
    return hasFields || this.progress.isComplete;
  }

  add(delta: Record<string, unknown>, { id, name, input, isCustom }: DeltaKey): void {
    const { type } = delta;
    for (const [field, value] of Object.entries(delta)) {
      if (!OWN_FIELDS.has(field) && value !== undefined && value !== null) this.more[field] = value;
    }
    if (this.id === '') this.id = id;
    if (name !== '') this.addName(name);
    this.hasInput ||= input !== undefined && input !== null;
    if (typeof type === 'string' && type !== '') this.type = type;
    this.isCustom ||= isCustom;
    this.addInput(input);
  }

  result(): ChatToolCall {
    const input = this.object === undefined ? this.text : JSON.stringify(this.object) + this.text;
    const { id, name, more } = this;
    if (this.isCustom) return { ...more, id, type: this.type || 'custom', custom: { name, input } };
    return {
      ...more,
      id,
      type: this.type || 'function',
      function: { name, arguments: input },
    };
  }

  /** A name is whole, or what there is of it so far, or its next piece. */
  private addName(name: string): void {
    const isPiece = !this.isBegun && !name.startsWith(this.name);
    this.name = isPiece ? this.name + name : name;
  }

  private addInput(input: unknown): void {
    if (input === undefined || input === null) return;
    if (isRecord(input) && this.text === '') {
      // Without a prototype, any name is a field like all others.
      this.object = Object.assign(this.object ?? Object.create(null), input);
      return;
    }
    const text = typeof input === 'string' ? input : JSON.stringify(input);
    // An empty object is what some servers send before the text.
    if (text !== '' && this.object && Object.keys(this.object).length === 0)
      this.object = undefined;
    this.text += text;
    this.progress.add(text);
  }
}

/** What the model wrote in a call, or in a delta of it. */
function partOf({ function: inFunction, custom }: Record<string, unknown>): DeltaPart {
  if (isRecord(custom))
    return { name: textOf(custom.name), input: custom.input, isCustom: !isRecord(inFunction) };
  if (!isRecord(inFunction)) return { name: '', input: undefined, isCustom: false };
  return { name: textOf(inFunction.name), input: inFunction.arguments, isCustom: false };
}

function isCall(value: Record<string, unknown>): boolean {
  return ['function', 'custom', 'name', 'arguments', 'id', 'index'].some((name) => name in value);
}

function withFunction(call: Record<string, unknown>): Record<string, unknown> {
  if (isRecord(call.function) || isRecord(call.custom)) return call;
  const { name, arguments: inputs, parameters, ...rest } = call;
  if (typeof name !== 'string' && inputs === undefined) return call;
  return { ...rest, function: { name: textOf(name), arguments: inputs ?? parameters } };
}

function indexOf(value: unknown): number | undefined {
  const index = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof index === 'number' && Number.isFinite(index) ? index : undefined;
}

/** The ID of a call, or an empty text. */
function idOf({ id }: { id?: unknown }): string {
  return typeof id === 'number' ? String(id) : textOf(id);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isBlank(input: unknown): boolean {
  return input === undefined || input === null || (typeof input === 'string' && !input.trim());
}
