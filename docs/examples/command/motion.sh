#!/bin/sh
# A program for the command engine with nothing but a shell and ffmpeg: what differs from the frame
# before is one box. Protocol: vbench.command/v1 with raw frames in bgr, and `boxes: xywh`.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
before=$folder/before.raw
now=$folder/now.raw

# The value of a key of $line. Keys come in a fixed order and without spaces.
value() { printf '%s' "$line" | sed -n "s/.*\"$1\":\([^,}]*\).*/\1/p"; }

# x,y,width,height of what moved between the two frames; empty where nothing did.
moved() {
  cat "$before" "$now" |
    ffmpeg -nostdin -v error -f rawvideo -pixel_format bgr24 -video_size "${width}x${height}" -i - \
      -vf 'format=gray,tblend=all_mode=difference,bbox=min_val=40,metadata=mode=print:file=-' \
      -f null - > "$folder/found.txt"
  sed -n -e 's/^lavfi\.bbox\.[xy]1=//p' -e 's/^lavfi\.bbox\.[wh]=//p' "$folder/found.txt" |
    paste -s -d , -
}

read -r line
case $line in
  '{"protocol":"vbench.command/v1",'*'"color":"bgr","frames":"raw"}') ;;
  *) echo "needs vbench.command/v1 with raw frames in bgr" >&2 && exit 2 ;;
esac
echo '{"protocol":"vbench.command/v1","name":"motion","version":"1.0"}'

while read -r line; do
  case $line in
    '{"clip":'*)
      width=$(value width)
      height=$(value height)
      rm -f "$before"
      ;;
    '{"frame":'*)
      # head reads exactly these bytes: the next line stays where it is.
      head -c "$(value n_bytes)" > "$now"
      box=
      if [ -e "$before" ]; then box=$(moved); fi
      rows=
      if [ -n "$box" ]; then rows="{\"box\":[$box],\"score\":1,\"class\":\"person\"}"; fi
      echo "{\"frame\":$(value frame),\"detections\":[$rows]}"
      mv "$now" "$before"
      ;;
  esac
done
