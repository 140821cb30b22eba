/**
 * V8 keeps every script it has compiled until memory runs short, so a proxy that reloads would grow by each bundle. Imported before
 * everything else; a flag set later does not reach what is compiled already.
 */
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--no-compilation-cache')
