/** Where the input of an operation can come from. */
export type InputMode = 'modelFields' | 'json' | 'fields' | 'item' | 'binary' | 'multipart';

/** The modes of an input that must be JSON, of any model or chain. */
export const JSON_MODES: readonly InputMode[] = ['json', 'fields', 'item'];

/** The modes of an input that may also be a file or a form. */
export const BODY_MODES: readonly InputMode[] = [...JSON_MODES, 'binary', 'multipart'];

/** Adds the mode for models that say which fields they take. */
export function withModelFields(modes: readonly InputMode[]): readonly InputMode[] {
  return ['modelFields', ...modes];
}
