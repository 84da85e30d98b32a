/** The same text with a capital letter at its start, as a sentence or title begins. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
