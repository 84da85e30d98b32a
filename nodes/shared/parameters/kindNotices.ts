import type { INodeProperties } from 'n8n-workflow';

import type { ModelKind } from '../knowledge/modelKind';

/** For each kind of model, the operation that is made for it. */
const OPERATION_FOR: Record<ModelKind, string> = {
  classifier:
    'This model classifies texts. <b>Embedding → Classify</b> gives the labels of many items with few requests.',
  embeddings:
    'This model makes embeddings. <b>Embedding → Create</b> gives each item its vector, with few requests.',
  images: 'This model makes images. <b>Image → Generate</b> gives each image as a file.',
  'language model':
    'This is a language model. <b>Chat → Message a Model</b> takes a prompt and gives the text, if the model has an OpenAI-compatible server.',
  reranker:
    'This model ranks texts. <b>Embedding → Rerank</b> takes a query and texts, and gives them in order.',
  'speech to text':
    'This model writes down speech. <b>Audio → Transcribe</b> takes a recording and gives its text, and subtitles.',
  'text to speech': 'This model speaks. <b>Audio → Generate Speech</b> gives the speech as a file.',
};

const KINDS = Object.keys(OPERATION_FOR) as ModelKind[];

/**
 * Makes notices for models that another operation is made for. A notice is shown if the model was
 * chosen from the list, which says what the model is for.
 * @param fitting the kind that the operation itself is made for; any other gets a notice
 */
export function kindNotices(fitting?: ModelKind): INodeProperties[] {
  return KINDS.filter((kind) => kind !== fitting).map((kind, at) => ({
    displayName: OPERATION_FOR[kind],
    name: `kindNotice${at}`,
    type: 'notice',
    default: '',
    // n8n keeps the words of the list in the locator; a list ends them with the kind and the ID.
    displayOptions: {
      show: { '/modelId.cachedResultName': [{ _cnd: { regex: ` · ${kind} \\(\\w+\\)$` } }] },
    },
  }));
}
