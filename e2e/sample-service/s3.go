package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// s3Store is one bucket.
type s3Store struct {
	client *minio.Client
	bucket string
}

const writesFolder = "writes/"

func openS3(database database) (store, error) {
	key, secret := database.url.User.Username(), ""
	secret, _ = database.url.User.Password()
	client, err := minio.New(database.url.Host, &minio.Options{
		Creds:        credentials.NewStaticV4(key, secret, ""),
		Region:       "us-east-1",
		BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		return nil, err
	}
	return &s3Store{client, strings.TrimPrefix(database.url.Path, "/")}, nil
}

func (s *s3Store) write(ctx context.Context, id string) error {
	return s.put(ctx, writesFolder+id, id)
}

func (s *s3Store) list(ctx context.Context) ([]string, error) {
	return s.names(ctx, writesFolder)
}

func (s *s3Store) put(ctx context.Context, name, text string) error {
	_, err := s.client.PutObject(ctx, s.bucket, name, strings.NewReader(text), int64(len(text)), minio.PutObjectOptions{ContentType: "text/plain"})
	return err
}

func (s *s3Store) get(ctx context.Context, name string) (string, error) {
	object, err := s.client.GetObject(ctx, s.bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return "", err
	}
	defer object.Close()
	text, err := io.ReadAll(object)
	return string(text), err
}

// names tells what is in a folder, without the folder's own name.
func (s *s3Store) names(ctx context.Context, folder string) ([]string, error) {
	names := []string{}
	for object := range s.client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: folder, Recursive: true}) {
		if object.Err != nil {
			return nil, object.Err
		}
		names = append(names, strings.TrimPrefix(object.Key, folder))
	}
	slices.Sort(names)
	return names, nil
}

func (s *s3Store) ping(ctx context.Context) error {
	there, err := s.client.BucketExists(ctx, s.bucket)
	if err == nil && !there {
		return fmt.Errorf("the bucket %s is not there", s.bucket)
	}
	return err
}

func (s *s3Store) close() error { return nil }
