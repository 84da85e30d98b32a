/**
 * Watches JSON text that comes in pieces, and knows whether an object, a list or a text is whole.
 * It looks at each character once.
 */
export class JsonProgress {
  private depth = 0;
  private isBegun = false;
  private isInText = false;
  private isEscaped = false;

  /** Whether what began has come to its end. */
  get isComplete(): boolean {
    return this.isBegun && this.depth <= 0 && !this.isInText;
  }

  /** Adds the next piece of the text. */
  add(text: string): void {
    for (const character of text) this.read(character);
  }

  private read(character: string): void {
    if (this.isEscaped) this.isEscaped = false;
    else if (this.isInText) {
      if (character === '\\') this.isEscaped = true;
      else if (character === '"') this.isInText = false;
    } else if (character === '"') {
      this.isInText = true;
      this.isBegun = true;
    } else if (character === '{' || character === '[') {
      this.depth++;
      this.isBegun = true;
    } else if (character === '}' || character === ']') this.depth--;
  }
}
