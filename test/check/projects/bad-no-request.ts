// expected: no-request 1
import os from 'node:os'
import { onLoad } from '@signalbox/dsl'

onLoad(({ log }) => log.info(os.hostname()))
