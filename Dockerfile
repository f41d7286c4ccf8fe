# artgen in a container. With torch's CPU build; for NVIDIA GPUs, whose libraries torch brings along:
#   docker build --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu130 -t artgen:cuda .
FROM python:3.13-slim

ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG EXTRAS=studio,see,export

RUN pip install --no-cache-dir torch --index-url "$TORCH_INDEX"
COPY . /tmp/artgen
RUN pip install --no-cache-dir "/tmp/artgen[$EXTRAS]" && rm -r /tmp/artgen

# Whoever runs it owns what it writes: docker run --user "$(id -u)"
ENV HOME=/tmp ARTGEN_HOME=/tmp/artgen-home
WORKDIR /pictures
ENTRYPOINT ["artgen"]
