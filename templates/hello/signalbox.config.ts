import { defineConfig } from '@signalbox/dsl'

export default defineConfig({
  listen: ['udp:127.0.0.1:5080'],
  admin: { listen: '127.0.0.1:8060' },
})
