# Makes one service's key and bucket. Run twice, or two at once, it changes nothing.
export ADMIN_ACCESS_KEY="$ADMIN_USERNAME" ADMIN_SECRET_KEY="$ADMIN_PASSWORD"
export ADMIN_ENDPOINT_URL="http://$SERVER_HOST:$SERVER_PORT"
admin() { versitygw admin "$@"; }

admin create-user --access "$DATABASE_USERNAME" --secret "$DATABASE_PASSWORD" --role user 2> /dev/null ||
    admin update-user --access "$DATABASE_USERNAME" --secret "$DATABASE_PASSWORD"
admin list-buckets | grep -q "^${DATABASE_NAME}[[:space:]]" ||
    admin create-bucket --bucket "$DATABASE_NAME" --owner "$DATABASE_USERNAME" ||
    admin list-buckets | grep -q "^${DATABASE_NAME}[[:space:]]"
# After a rotation the other key owns it.
admin change-bucket-owner --bucket "$DATABASE_NAME" --owner "$DATABASE_USERNAME"
echo "the bucket $DATABASE_NAME is ready for $DATABASE_USERNAME"
