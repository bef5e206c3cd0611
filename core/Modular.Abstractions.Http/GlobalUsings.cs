global using Modular.Abstractions;
