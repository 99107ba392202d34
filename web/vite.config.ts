import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where `npm run web` finds the API. */
const api = process.env.QUANTIX_API ?? 'http://127.0.0.1:8080'

export default defineConfig({
  root: import.meta.dirname,
  // Served from any folder of any host.
  base: './',
  plugins: [react()],
  // At the first visit at most 350 kB, compressed: about a third of this.
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023', chunkSizeWarningLimit: 1000 },
  server: {
    proxy: Object.fromEntries(['/api', '/openapi.json', '/docs', '/healthz', '/readyz'].map((path) => [path, api])),
  },
})
