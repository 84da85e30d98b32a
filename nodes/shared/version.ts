/**
 * This package's version, told to Baseten in the `User-Agent`. A test keeps it equal to
 * package.json's.
 */
export const VERSION = '0.1.0';
