// Decisions: docs/decisions.md, "What a model thought is parted from its answer".

import { splitThinking } from './thinking';

/** So many models are remembered. */
const MOST = 500;

/** Whether a model's text begins inside its thinking, because its prompt has opened the tag. */
export interface ThinkingHabit {
  /** Whether the last answer did so. */
  readonly beginsInside: boolean;
  /** Learns from a whole answer. @param text its text with the tags */
  learn(text: string, finishReason: string): void;
}

/**
 * Remembers which models begin inside their thinking. Nothing in such a stream shows that until the
 * tag is closed, so that the next stream of the same model is held back until then.
 */
export class ThinkingHabits {
  private readonly known = new Set<string>();

  /** @param key names what is called, and whether it is told to think */
  of(key: string): ThinkingHabit {
    return {
      beginsInside: this.known.has(key),
      learn: (text, finishReason) => {
        if (text.trim() === '') return;
        this.known.delete(key);
        const hasOpened = /^\s*<think>/.test(text);
        if (hasOpened || splitThinking(text, finishReason).reasoning === '') return;
        this.known.add(key);
        const [oldest] = this.known;
        if (this.known.size > MOST && oldest !== undefined) this.known.delete(oldest);
      },
    };
  }
}

/** What this process has seen of models. */
const PROCESS_HABITS = new ThinkingHabits();

/**
 * What is known of the model that a request calls.
 * @param url where it is called
 * @param body of the request
 */
export function habitOf(url: string, body: Record<string, unknown>): ThinkingHabit {
  const { model, chat_template_args: args, chat_template_kwargs: kwargs } = body;
  const effort = body.reasoning_effort;
  return PROCESS_HABITS.of(JSON.stringify([url, model, args, kwargs, effort]));
}
