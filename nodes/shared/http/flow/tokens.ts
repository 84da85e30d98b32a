/** Characters of a token, about, in the languages that models know best. */
const CHARACTERS_OF_TOKEN = 4;

/** How many tokens a request costs: guessed until its response tells. */
export class TokenCost {
  /** The guess. */
  readonly guess: number;
  /** Is called with what a response told. */
  onTold?: (tokens: number) => void;

  /** @param characters of the texts that are sent */
  constructor(characters: number) {
    this.guess = Math.ceil(characters / CHARACTERS_OF_TOKEN);
  }

  /** The response told it. @param usage as OpenAI-compatible servers send it; it may be anything */
  tell(usage: unknown): void {
    const tokens = (usage as { total_tokens?: unknown } | null | undefined)?.total_tokens;
    if (typeof tokens === 'number' && tokens >= 0) this.onTold?.(tokens);
  }
}
