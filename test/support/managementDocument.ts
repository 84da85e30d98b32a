import type { EmulatorOptions } from '../../emulator';
import { ApiDocument } from './apiDocument';

/** Path of Baseten's own document of the management API, which is not part of this project. */
const FILE = process.env.BASETEN_MANAGEMENT_OPENAPI;
const DOCUMENT = FILE ? new ApiDocument(FILE) : undefined;

/**
 * Compares what an emulator's management API is asked, and what it answers, with Baseten's
 * document, if that is there.
 */
export class DocumentWatch {
  /** What is not as the document says, a sentence each. */
  readonly differences: string[] = [];

  /** What the emulator is to be started with. */
  readonly watchManagement: EmulatorOptions['watchManagement'] = ({
    request,
    status,
    response,
  }) => {
    // What Baseten refuses may be anything: it is what the test is about.
    if (!DOCUMENT || (status >= 400 && response !== undefined)) return;
    const { method } = request;
    const path = request.path.replace('/management', '');
    const template = DOCUMENT.templateOf(path) ?? path;
    const found = [DOCUMENT.ofRequest(request, path)];
    if (response !== undefined) {
      const json = JSON.parse(response) as unknown;
      found.push(DOCUMENT.ofResponse({ template, method, status, json }));
    }
    this.differences.push(...found.filter((difference) => difference !== ''));
  };

  /** Returns the differences so far and forgets them. */
  take(): string[] {
    return this.differences.splice(0);
  }
}
