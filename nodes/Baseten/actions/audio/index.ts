export { transcribe } from './transcribe.operation';
export { generateSpeech } from './generateSpeech.operation';
