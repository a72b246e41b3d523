FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production TWOKEY_DATA_DIR=/data TWOKEY_CONFIG=/app/twokey.yml
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && npm cache clean --force && mkdir /data && chown node:node /data
COPY bin ./bin
COPY src ./src
USER node
VOLUME /data
EXPOSE 3000
ENTRYPOINT ["node", "src/main.ts"]
CMD ["start"]
