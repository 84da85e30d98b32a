import type { ChatMessage, ChatRequest, ChatTool } from '../schemas/chatRequest';
import { expressionsIn, numbersIn } from './arithmetic';
import { isObject } from './model';
import { sampleOf } from './jsonSample';

/** A call of a tool. */
export interface ToolCall {
  name: string;
  /** JSON text. */
  arguments: string;
}

/**
 * The tool calls that the simulated model makes. A text with "then" in it has several steps: what
 * follows the word is done when the calls before have their results. The first that applies:
 * - none if all steps are done,
 * - the tool that `tool_choice` names,
 * - the calculator, once for each expression in the text,
 * - a tool that the text names,
 * - the first tool if `tool_choice` is `required`.
 */
export function toolCallsFor(request: ChatRequest, userText: string): ToolCall[] {
  const tools = request.tools ?? [];
  const choice = request.tool_choice;
  const step = stepAfter(request.messages, userText);
  if (tools.length === 0 || choice === 'none' || step === undefined) return [];
  const expressions = expressionsIn(step);
  const demanded = isObject(choice) ? choice.function.name : undefined;
  const forced = tools.find((tool) => tool.function.name === demanded);
  const calculator = expressions.length > 0 ? (tools.find(isCalculator) ?? tools[0]) : undefined;
  const named = tools.find((tool) => isNamed(tool, step));
  const tool = forced ?? calculator ?? named ?? (choice === 'required' ? tools[0] : undefined);
  if (!tool) return [];
  const most = request.parallel_tool_calls === false ? 1 : Infinity;
  const inputs = tool === calculator ? expressions.slice(0, most) : [step];
  return inputs.map((input) => ({
    name: tool.function.name,
    arguments: argumentsFor(tool, input),
  }));
}

/** The step of a text that comes next; nothing if all are done. */
function stepAfter(messages: ChatMessage[], userText: string): string | undefined {
  const asked = messages.findLastIndex(({ role }) => role === 'user');
  const done = messages.slice(asked).filter(({ tool_calls: calls }) => calls?.length).length;
  return userText.split(/\bthen\b/)[done];
}

const isCalculator = ({ function: { name, description } }: ChatTool) =>
  /calc|math|arith|comput|multipl|(?<![a-z])(add|sum)(?![a-z])/i.test(
    `${name} ${description ?? ''}`,
  );

/** `get_weather` is named by a text with "weather" in it. */
function isNamed({ function: { name } }: ChatTool, text: string): boolean {
  const lower = text.toLowerCase();
  const parts = name.toLowerCase().split(/[^a-z0-9]+/);
  return (
    lower.includes(name.toLowerCase()) ||
    parts.some((part) => part.length > 3 && lower.includes(part))
  );
}

function argumentsFor(tool: ChatTool, input: string): string {
  const { parameters } = tool.function;
  if (!parameters) return '{}';
  return JSON.stringify(sampleOf(parameters, { text: () => input, numbers: numbersIn(input) }));
}
