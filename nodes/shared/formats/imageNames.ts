import type { INodeExecutionData } from 'n8n-workflow';

import { withNumber } from '../payload/jsonFiles';

/** The most words and characters of a prompt in a file name. */
const MOST_WORDS = 6;
const MOST_CHARACTERS = 50;

/**
 * A file name of the first words of a prompt: `a-red-fox-in-the-snow`.
 * @returns `image` if it has no words
 */
export function nameFromPrompt(prompt: string): string {
  const words =
    prompt
      .slice(0, 1000)
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  let name = '';
  for (const word of words.slice(0, MOST_WORDS)) {
    const longer = name === '' ? word : `${name}-${word}`;
    if (longer.length > MOST_CHARACTERS) break;
    name = longer;
  }
  return name || (words[0]?.slice(0, MOST_CHARACTERS) ?? 'image');
}

/**
 * Numbers the files of a run that have the same name, so that none replaces another one where they
 * are saved: `fox-1.png`, `fox-2.png`.
 * @param items in their order
 */
export function withDifferentNames(items: INodeExecutionData[]): INodeExecutionData[] {
  const nameOf = ({ binary }: INodeExecutionData) => binary?.data?.fileName;
  const names = items.flatMap((item) => nameOf(item) ?? []);
  const total = counted(names);
  const taken = new Set(names);
  const seen = new Map<string, number>();
  return items.map((item) => {
    const name = nameOf(item);
    if (name === undefined || !item.binary?.data || (total.get(name) ?? 0) < 2) return item;
    let number = (seen.get(name) ?? 0) + 1;
    while (taken.has(withNumber(name, number))) number++;
    seen.set(name, number);
    const data = { ...item.binary.data, fileName: withNumber(name, number) };
    return { ...item, binary: { ...item.binary, data } };
  });
}

function counted(names: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
