# iamsync as a long-running container: `run` reconciles /desired every few minutes.
#
#   docker build -t iamsync .
#   docker run --read-only -v "$PWD/desired:/desired:ro" -v iamsync-passwords:/passwords -e AWS_PROFILE ... iamsync

FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src src
RUN python -m venv /opt/iamsync \
 && /opt/iamsync/bin/pip install --no-cache-dir --disable-pip-version-check -c constraints.txt .

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin iamsync \
 && install -d -o iamsync -m 0700 /passwords
COPY --from=build /opt/iamsync /opt/iamsync
USER 10001
ENV PATH=/opt/iamsync/bin:$PATH PYTHONUNBUFFERED=1 IAMSYNC_DESIRED=/desired IAMSYNC_CSV=/passwords
VOLUME /passwords
ENTRYPOINT ["iamsync"]
CMD ["run", "--every", "5m"]
