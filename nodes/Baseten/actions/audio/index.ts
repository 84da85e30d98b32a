export { generateSpeech } from './generateSpeech.operation';
export { transcribe } from './transcribe.operation';
