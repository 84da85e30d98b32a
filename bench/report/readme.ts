const [START, END] = ['<!-- bench:start -->', '<!-- bench:end -->'];

/** The text with what stands between the two marks replaced; as it is where there are no marks. */
export function between(text: string, content: string): string {
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start) return text;
  return `${text.slice(0, start + START.length)}\n${content}\n${text.slice(end)}`;
}
